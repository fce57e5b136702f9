/** Tells whether anybody has changed a key in a SQLite file. */
import { Connection } from './connection.ts';
import { readTimeoutMs } from './reader.ts';

/**
 * Reads the number of changes that were made to keys, and to what else says who may call, by whichever process. SQLite's `data_version`
 * (https://sqlite.org/pragma.html#pragma_data_version) is another number whenever any other connection has committed something
 * since it was read, which takes about two microseconds: while it stays, nothing else is read.
 */
export class KeyChanges {
  /** Numbers of two connections cannot be compared, so all come from this one; it never writes. */
  readonly #connection: Connection;
  #dataVersion = -1;
  #changes = 0;

  constructor(file: string) {
    this.#connection = new Connection({ file, readOnly: true, busyTimeoutMs: readTimeoutMs });
  }

  /** The number now: what was committed before the call has changed it. */
  read(): number {
    const dataVersion = Number(this.#connection.read('pragma data_version')[0]?.data_version);
    if (dataVersion === this.#dataVersion) return this.#changes;
    this.#changes = Number(this.#connection.read('select changes from key_changes')[0]?.changes);
    // What was committed in between has been read, and is read once more.
    this.#dataVersion = dataVersion;
    return this.#changes;
  }

  close(): void {
    this.#connection.close();
  }
}
