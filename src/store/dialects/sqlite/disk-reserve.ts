/** Keeps room on the disk for deletions: SQLite writes to a log before it deletes, which a full disk has no room for. */
import { closeSync, openSync, rmSync, statfsSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** How often the free space is checked while the disk is full, in milliseconds. */
const lookMs = 1_000;

/** The reserve of a database. */
const reserveOf = (database: string): string => `${database}-reserve`;

/** Gives the reserve up if the disk is full: even to open a database takes some room. False if there is none. */
export function releaseWhereFull(database: string): boolean {
  const reserve = statSync(reserveOf(database), { throwIfNoEntry: false });
  if (reserve === undefined || freeBytes(database) >= reserve.size) return false;
  rmSync(reserveOf(database), { force: true });
  return true;
}

/** How many bytes may still be written where a file is. */
function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** The part of the reserve that the log gets when the reserve is deleted; the rest is for what else grows. */
const shareOfLog = 3 / 4;
/** How much room the log takes in one step, in bytes. */
const stepBytes = 2 ** 17;

/** A file of zeros beside a database, given up when the disk is full and made again when there is room. */
export class DiskReserve {
  readonly #file: string;
  readonly #log: string;
  readonly #bytes: number;
  readonly #now: () => number;
  #isFull = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /**
   * Makes the reserve if there is room for twice as much.
   * @param bytes its size; 0 for none.
   * @param now milliseconds of any clock that only goes forward.
   */
  constructor(database: string, bytes: number, now: () => number = () => performance.now()) {
    this.#file = reserveOf(database);
    this.#log = `${database}-wal`;
    this.#bytes = bytes;
    this.#now = now;
    if (bytes > 0) this.#isFull = !this.#isMade();
  }

  /** Whether the disk was full when that was last checked; checks again now and then. */
  get isFull(): boolean {
    if (this.#isFull && this.#now() - this.#lookedAt >= lookMs) this.#isFull = !this.#isMade();
    return this.#isFull;
  }

  /** Notes that a write found the disk full. @returns whether that is news. */
  setFull(): boolean {
    // What is refused since the disk is full is no news, and puts no look off.
    if (this.#bytes === 0 || this.#isFull) return false;
    this.#isFull = true;
    this.#lookedAt = this.#now();
    return true;
  }

  /** Deletes the reserve. @returns whether there was one. */
  release(): boolean {
    const is = statSync(this.#file, { throwIfNoEntry: false }) !== undefined;
    rmSync(this.#file, { force: true });
    return is;
  }

  /**
   * Keeps room for the log, which others could take, while the disk is full and the reserve is deleted. The log is extended by
   * zeros, at which SQLite stops when it reads a log, and over which it writes
   * (https://sqlite.org/fileformat2.html#the_write_ahead_log). The caller holds the database's lock for writing.
   */
  holdLog(): void {
    if (!this.#isFull || statSync(this.#file, { throwIfNoEntry: false }) !== undefined) return;
    const end = this.#bytes * shareOfLog;
    let length = statSync(this.#log, { throwIfNoEntry: false })?.size ?? end;
    if (length >= end) return;
    const log = openSync(this.#log, 'r+');
    // In small steps: all that is left is taken before others can take it.
    const zeros = new Uint8Array(Math.min(stepBytes, end - length));
    try {
      while (length < end) length += writeSync(log, zeros, 0, Math.min(zeros.length, end - length), length);
    } catch {
      // Others were quicker.
    } finally {
      closeSync(log);
    }
  }

  /** Makes the reserve, unless too little would be left beside it. */
  #isMade(): boolean {
    this.#lookedAt = this.#now();
    try {
      const has = statSync(this.#file, { throwIfNoEntry: false })?.size === this.#bytes;
      if (freeBytes(this.#file) < (has ? 1 : 2) * this.#bytes) return false;
      if (!has) writeFileSync(this.#file, new Uint8Array(this.#bytes), { mode: 0o600 });
      return true;
    } catch {
      rmSync(this.#file, { force: true });
      return false;
    }
  }
}
