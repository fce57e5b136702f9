/**
 * Notes which pictures of an import are done, so that one that was interrupted goes on where it was. What is noted is durable in the
 * register already; what the register has and the journal not is found again by its crop, and never enrolled twice.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What came of a picture: `added`, `known` for a face that was there already, or the refusal's name. */
export type Outcome = string;

/** How many bytes of a digest tell pictures apart. */
const digestBytes = 12;
const line = new RegExp(`^([0-9a-f]{${digestBytes * 2}}) (\\w+)$`);

/** A journal of one import: digests and outcomes, one a line, and no word of what the pictures are. */
export class Journal implements AsyncDisposable {
  readonly #file: string;
  readonly #handle: FileHandle | undefined;
  readonly #done: Map<string, Outcome>;

  private constructor(file: string, handle: FileHandle | undefined, done: Map<string, Outcome>) {
    this.#file = file;
    this.#handle = handle;
    this.#done = done;
  }

  /**
   * Opens the journal of an import, or begins one.
   * @param folder where journals are; made if it is not there.
   * @param key what is imported, and whereto: another run of the same import has the same.
   * @param isKept false if nothing is to be written.
   */
  static async open(folder: string, key: string, isKept: boolean): Promise<Journal> {
    const file = join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.journal`);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return '';
    });
    const done = new Map<string, Outcome>();
    // A process that died may have left a part of a line.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const one of whole.split('\n')) {
      const [, digest, outcome] = line.exec(one) ?? [];
      if (digest !== undefined && outcome !== undefined) done.set(digest, outcome);
    }
    if (!isKept) return new Journal(file, undefined, done);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a', 0o600);
    if (whole !== text) await handle.truncate(whole.length);
    return new Journal(file, handle, done);
  }

  /** What came of a picture before; undefined if it is not done. */
  find(personId: string, key: string): Outcome | undefined {
    return this.#done.get(digestOf(personId, key));
  }

  /** Notes what came of pictures. */
  async note(personId: string, done: readonly { readonly key: string; readonly outcome: Outcome }[]): Promise<void> {
    const lines = done.map(({ key, outcome }) => `${digestOf(personId, key)} ${outcome}\n`);
    if (lines.length > 0) await this.#handle?.appendFile(lines.join(''));
  }

  /** Removes it, once the import has come to its end. */
  async remove(): Promise<void> {
    if (this.#handle !== undefined) await rm(this.#file, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

function digestOf(personId: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([personId, key]))
    .digest('hex')
    .slice(0, digestBytes * 2);
}
