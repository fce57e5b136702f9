/** Removes the bytes of deleted rows from the disk. */
import type { Connection } from './connection.ts';

/** How long after a deletion the log is emptied; deletions in between share the work. */
const delayMs = 200;

/** What a full disk asks for. */
export interface LogRoom {
  /** Called when the log cannot be emptied; whether there is more room now. */
  make(): boolean;
  /** Called each time the log has been emptied, but when it is closed. */
  keep(): void;
}

/**
 * Empties SQLite's write-ahead log after deletions. `secure_delete` overwrites a deleted row in its page, but the log
 * still holds older versions of the page until it is copied into the database and truncated.
 */
export class LogTruncator {
  readonly #connection: Connection;
  readonly #busyTimeoutMs: number;
  readonly #room: LogRoom;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, busyTimeoutMs: number, room: LogRoom = { make: () => false, keep: () => {} }) {
    this.#connection = connection;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#room = room;
  }

  /** Empties the log a moment from now. */
  eraseSoon(): void {
    this.#timer ??= setTimeout(() => this.erase(), delayMs);
  }

  /** Empties the log now, or a moment later while a transaction of any process still needs it. */
  erase(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#connection.isTransaction || !this.#truncated()) this.eraseSoon();
    else this.#room.keep();
  }

  /** Empties the log if nothing needs it, and gives up otherwise. */
  close(): void {
    clearTimeout(this.#timer);
    if (!this.#connection.isTransaction) this.#truncated();
  }

  /** A full disk stops this as it stops every write, which tells of it; here it only means later. */
  #truncated(): boolean {
    this.#connection.run('pragma busy_timeout = 0');
    try {
      return this.#checkpointed() ?? (this.#room.make() && this.#checkpointed() === true);
    } finally {
      this.#connection.run(`pragma busy_timeout = ${this.#busyTimeoutMs}`);
    }
  }

  /** Whether it is emptied; undefined if the disk prevents it. */
  #checkpointed(): boolean | undefined {
    try {
      const [{ busy } = {}] = this.#connection.run('pragma wal_checkpoint(truncate)').rows;
      return busy === 0;
    } catch {
      return undefined;
    }
  }
}
