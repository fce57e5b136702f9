/** Reads the labels of photographs: manifests in CSV, and the persons shown. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a manifest, by column. */
export type Row = Readonly<Record<string, string>>;

/**
 * The columns that each manifest must have; paths are relative to the folder. `same`, `dup`, `smile` are 1 or 0; `gender` is
 * m or f; `degree` is 0 none, 1 slight, 2 broad; `glasses` is 0 none, 1 clear, 2 tinted; `age` is in years, and `pitch`,
 * `yaw`, `roll` are in degrees, empty where unknown, with the signs of docs/contract.md §3.1. `count` faces must be found and
 * `count_max` may be; `boxes` is a JSON list of [x, y, width, height]. `level` is must, hard or empty. `expected` is `ok:N`,
 * `ok:any`, `reject`, `nocrash`, or several of them with `|` between. `fold` divides the people of `pairs`.
 */
const columns: Readonly<Record<string, readonly string[]>> = {
  pairs: ['pathA', 'pathB', 'same'],
  near_dups: ['pathA', 'pathB', 'dup', 'kind', 'level'],
  sessions: ['pathA', 'pathB', 'dup', 'kind', 'level'],
  gender: ['path', 'gender'],
  ages: ['path', 'age', 'gender'],
  smile: ['path', 'smile'],
  smile_degree: ['path', 'degree'],
  glasses: ['path', 'glasses'],
  pose: ['path', 'pitch', 'yaw', 'roll'],
  detection: ['path', 'count', 'count_max'],
  odd: ['path', 'expected'],
};

/** Whether `<data>/manifests/<name>.csv` is there. */
export function hasManifest(data: string, name: string): boolean {
  return existsSync(fileOf(data, name));
}

/**
 * The lines of `<data>/manifests/<name>.csv`.
 * @throws Error if a column is missing that it must have.
 */
export function readManifest(data: string, name: string): Row[] {
  const [header = [], ...lines] = parseCsv(readFileSync(fileOf(data, name), 'utf8').replace(/^\uFEFF/, ''));
  const named = header.map((column) => column.trim());
  const missing = (columns[name] ?? []).filter((column) => !named.includes(column));
  if (missing.length > 0) throw new Error(`manifests/${name}.csv needs a column ${missing.join(', ')}`);
  return lines.map((cells) => Object.fromEntries(named.map((column, i) => [column, cells[i] ?? ''])));
}

/** Every picture that the lines name, once. */
export function pathsOf(rows: readonly Row[]): string[] {
  return [
    ...new Set(rows.flatMap(({ path, pathA, pathB }) => [path, pathA, pathB].filter((one) => one !== undefined))),
  ];
}

/** The file of a manifest. */
export function fileOf(data: string, name: string): string {
  return join(data, 'manifests', `${name}.csv`);
}

/** Lines of cells; a cell in quotes may contain commas and doubled quotes. */
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

/** `count` of the items, evenly spread. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const every = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, i) => i % every === 0).slice(0, count);
}

/** The person shown, from a path of LFW: `lfw/<person>/<picture>`. */
export function personOf(path: string): string {
  return path.split('/')[1]!;
}

/** Ways in which paths may name persons: by folder, or by a file name that ends with a number. */
const namings: readonly ((path: string) => string)[] = [
  (path) => path.split('/').slice(0, -1).join('/'),
  (path) => path.replace(/[_-]?\d*\.\w+$/, ''),
];

/**
 * How the paths of labelled pairs name the persons shown: the naming that agrees with the pairs' labels.
 * @param pairs with `pathA`, `pathB` and `same`.
 * @returns undefined if no naming agrees: then the persons are known only within the labelled pairs.
 */
export function namingOf(pairs: readonly Row[]): ((path: string) => string) | undefined {
  const agrees = (naming: (path: string) => string): boolean => {
    const right = pairs.filter(({ pathA, pathB, same }) => (naming(pathA!) === naming(pathB!)) === (same === '1'));
    return right.length >= 0.995 * pairs.length;
  };
  return pairs.length === 0 ? undefined : namings.find(agrees);
}

/**
 * Pictures of LFW that exist twice, under two names, and would count as strangers (the errata of its own site and what
 * the data's notes add).
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
