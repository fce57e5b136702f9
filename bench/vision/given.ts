/** Tells what an evaluation was given: which manifests, how many pictures and people, and the digest that tells folders apart. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { table } from '../../tools/markdown.ts';
import type { PictureResult } from './analyses.ts';
import { fileOf, pathsOf, type Row } from './manifests.ts';

/** What was given of one manifest. */
export interface GivenManifest {
  readonly name: string;
  readonly lines: number;
  /** Pictures that it names, and of them those that are in the folder. */
  readonly pictures: number;
  readonly there: number;
  /** The folders of the pictures, below the folder that was given. */
  readonly folders: readonly string[];
  /** The first 12 digits of the manifest's SHA-256. */
  readonly digest: string;
}

/** What is in a manifest, after its pictures were analysed. */
export function givenOf(
  data: string,
  name: string,
  rows: readonly Row[],
  analysed: ReadonlyMap<string, PictureResult>,
): GivenManifest {
  const paths = pathsOf(rows);
  return {
    name,
    lines: rows.length,
    pictures: paths.length,
    there: paths.filter((path) => analysed.get(path)?.missing === false).length,
    folders: [...new Set(paths.map((path) => path.split('/').slice(0, -1)[0] ?? '.'))].sort(),
    digest: createHash('sha256')
      .update(readFileSync(fileOf(data, name)))
      .digest('hex')
      .slice(0, 12),
  };
}

/** The table of what was given. */
export function renderGiven(given: readonly GivenManifest[]): string {
  return table(
    ['manifest', 'lines', 'pictures', 'of them there', 'in', 'digest'],
    given.map(({ name, lines, pictures, there, folders, digest }) => [
      name,
      ...[lines, pictures, there].map((count) => count.toLocaleString('en')),
      folders.join(', '),
      digest,
    ]),
  );
}
