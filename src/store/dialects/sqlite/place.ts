/** Notices that a database's file was moved away or replaced while it is open: what is written then would be lost. */
import { type BigIntStats, statSync } from 'node:fs';

/** Where a file was when it was opened. */
export class FilePlace {
  readonly #file: string;
  readonly #opened: BigIntStats;

  /** @param file that is open. */
  constructor(file: string) {
    this.#file = file;
    this.#opened = statSync(file, { bigint: true });
  }

  /** @throws Error with a message for the operator if the file's path leads elsewhere, or nowhere. */
  check(): void {
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) throw moved(`${this.#file} was moved away while it was open: put it back`);
    if (found.ino !== this.#opened.ino || found.dev !== this.#opened.dev) {
      throw moved(
        `${this.#file} was replaced while it was open: put the file back that was there, or restart to use this one`,
      );
    }
  }
}

/** An error with SQLite's code for it (https://sqlite.org/rescode.html#readonly_dbmoved), which SQLite itself notices late. */
function moved(message: string): Error {
  return Object.assign(new Error(message), { errcode: 1032 });
}
