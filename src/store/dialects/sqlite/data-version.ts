/** Tells whether anybody has written to a SQLite file. */
import { Connection } from './connection.ts';
import { readTimeoutMs } from './reader.ts';

/**
 * Reads SQLite's `data_version` (https://sqlite.org/pragma.html#pragma_data_version): it is another number whenever any
 * other connection, of whichever process, has committed something since it was read. It takes about two microseconds.
 */
export class DataVersion {
  /** Numbers of two connections cannot be compared, so all come from this one; it never writes. */
  readonly #connection: Connection;

  constructor(file: string) {
    this.#connection = new Connection({ file, readOnly: true, busyTimeoutMs: readTimeoutMs });
  }

  /** The number now: what was committed before the call has changed it. */
  read(): number {
    return Number(this.#connection.read('pragma data_version')[0]?.data_version);
  }

  close(): void {
    this.#connection.close();
  }
}
