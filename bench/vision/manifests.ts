/** Knows the labels that come with the photographs for development. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a manifest, by column. */
export type Row = Readonly<Record<string, string>>;

/** The lines of `<data>/manifests/<name>.csv`. */
export function readManifest(data: string, name: string): Row[] {
  const [header, ...lines] = parseCsv(readFileSync(join(data, 'manifests', `${name}.csv`), 'utf8'));
  return lines.map((cells) => Object.fromEntries(header!.map((column, i) => [column, cells[i] ?? ''])));
}

/** Lines of cells; a cell in quotes may hold commas and doubled quotes. */
function parseCsv(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}

/** The person shown, from a path of LFW: `lfw/<person>/<picture>`. */
export function personOf(path: string): string {
  return path.split('/')[1]!;
}

/**
 * Pictures of LFW that are there twice, under two names, which would pass for strangers
 * (the errata of its own site and what the data's notes add).
 */
export const misnamed: ReadonlySet<string> = new Set(
  [
    'Gabrielle_Rose/Gabrielle_Rose_0001',
    'Martha_Bowen/Martha_Bowen_0002',
    'Bart_Hendricks/Bart_Hendricks_0001',
    'Ricky_Ray/Ricky_Ray_0001',
    'Andrew_Caldecott/Andrew_Caldecott_0001',
    'Andrew_Gilligan/Andrew_Gilligan_0001',
    'Emmy_Rossum/Emmy_Rossum_0001',
    'Eva_Amurri/Eva_Amurri_0001',
    'Carlos_Beltran/Carlos_Beltran_0001',
    'Raul_Ibanez/Raul_Ibanez_0001',
  ].map((name) => `lfw/${name}.jpg`),
);
