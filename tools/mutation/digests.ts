/**
 * Digests of files and of the files that they refer to, so that a result is reused only while nothing that it depends
 * on has changed.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path/posix';

/** A short digest of any JSON value. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}

/** The digests of one project's files, each read once. */
export class Digests {
  readonly #root: string;
  readonly #files = new Map<string, { digest: string; references: readonly string[] } | undefined>();

  /** @param root the project's folder. */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * A digest of a file and of all files that it refers to, directly or through others, by a quoted relative path: as an
   * import, or as a thread or program to start.
   * @param follows whether to look into a file.
   */
  of(file: string, follows: (file: string) => boolean = () => true): string {
    const reached = new Set([file]);
    for (const one of reached)
      for (const other of this.#read(one)?.references ?? []) if (follows(other)) reached.add(other);
    return digestOf([...reached].sort().map((one) => [one, this.#read(one)?.digest]));
  }

  #read(file: string): { digest: string; references: readonly string[] } | undefined {
    if (!this.#files.has(file)) this.#files.set(file, this.#load(file));
    return this.#files.get(file);
  }

  #load(file: string): { digest: string; references: readonly string[] } | undefined {
    const path = join(this.#root, file);
    if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return undefined;
    const bytes = readFileSync(path);
    const quoted = file.endsWith('.ts') ? bytes.toString('utf8').matchAll(/(['"`])(\.{1,2}\/[^'"`$\n]+)\1/g) : [];
    return {
      digest: createHash('sha256').update(bytes).digest('hex'),
      references: [...quoted].map(([, , path]) => join(file, '..', path as string)),
    };
  }
}
