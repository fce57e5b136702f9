/** Reads what must come of each odd picture of a folder: `manifests/odd.csv`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One picture and what may come of it. */
export interface OddPicture {
  /** Where the file is. */
  readonly path: string;
  /** What is odd about it: `bomb/png-65536x65536`. */
  readonly kind: string;
  /** Each is `ok:N` for N faces, `ok:any` or `reject`; `ok:0|1` is short for two of them. */
  readonly expected: readonly string[];
}

/** Undefined if the folder holds no manifest. */
export function readManifest(folder: string): readonly OddPicture[] | undefined {
  const file = join(folder, 'manifests', 'odd.csv');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  return lines.map((line) => {
    const [path = '', kind = '', expected = ''] = cells(line);
    // No animation is taken, wherever in it the face may be.
    const outcomes = kind.startsWith('animated') ? ['reject'] : expected.split('|');
    return { path: join(folder, path), kind, expected: outcomes.map((one) => (/^\d+$/.test(one) ? `ok:${one}` : one)) };
  });
}

/** A cell may be quoted; a quote in it is then written twice. */
function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(found, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
