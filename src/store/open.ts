/** Opens storage where it is: in a SQLite file, or in a PostgreSQL database that servers share. */
import { placeOf as describePostgres } from './dialects/postgres/url.ts';
import { callsFileOf, openSqlite } from './dialects/sqlite/database.ts';
import { failureOf } from './failure.ts';
import { type Stores, type StoresOverOptions, storesOver } from './stores.ts';

/** How to open the stores. */
export interface StoresOptions extends StoresOverOptions {
  /**
   * The SQLite file; made if there is none. Its folder must be there, and holds beside it a file for what calls write
   * (`familiar-calls.db` for `familiar.db`), and `-wal` and `-shm` of both.
   */
  readonly file: string;
  /**
   * How long a write waits for one of another process before it fails, in milliseconds. After one that failed nothing
   * waits until the other process is done.
   */
  readonly busyTimeoutMs?: number;
  /** How long a transaction or a snapshot may stay open before it is ended, in milliseconds. */
  readonly transactionTimeoutMs?: number;
  /** How much of the disk is kept free, so that persons can be erased when it is full, in bytes. */
  readonly reserveBytes?: number;
}

/** The files that hold what is kept, each of which must be there to go on with it. */
export function filesOf(file: string): readonly string[] {
  return [file, callsFileOf(file)];
}

/**
 * Opens the stores. Several processes may have them open at once.
 * @throws Error if the file cannot be opened, is no database, was written by a newer version, or is encrypted with
 *   another master key.
 */
export async function openStores({
  file,
  busyTimeoutMs = 1_000,
  transactionTimeoutMs = 30_000,
  reserveBytes = 0,
  ...options
}: StoresOptions): Promise<Stores> {
  try {
    const database = await openSqlite({ file, busyTimeoutMs, reserveBytes });
    return await storesOver(database, transactionTimeoutMs, options);
  } catch (cause) {
    const out = failureOf(cause) === 'damaged' ? '; put a backup in its place' : '';
    throw new Error(`cannot open the database ${file}: ${(cause as Error).message}${out}`, { cause });
  }
}

export type { StoresActivity } from './activity.ts';
export type { StoresAudit } from './audit/stores-audit.ts';
export type { Correction } from './corrections/correction.ts';
export { CorrectionRefused } from './corrections/refused.ts';
export type { ServerSelf } from './database.ts';
export type { Packs } from './packs/packs.ts';
export type { PackState, UpgradeState } from './packs/state.ts';
export { packsReliableMs } from './packs/upgrade-steps.ts';
export { UpgradeRefused } from './packs/upgrades.ts';
export type { Page } from './pages/page.ts';
export type { RegisterPages } from './pages/register-pages.ts';
export type { Stores } from './stores.ts';

/** What to call the database in messages: where it is, and not who reads it with which password. */
export { describePostgres };

/** How to open the stores in a PostgreSQL database. */
export interface SharedStoresOptions extends Omit<StoresOptions, 'file' | 'busyTimeoutMs' | 'reserveBytes'> {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`. */
  readonly url: string;
  /** How long a statement may take before it fails, in milliseconds; for a lock it waits as long. */
  readonly statementTimeoutMs?: number;
}

/**
 * Opens the stores in a PostgreSQL database, which any number of servers may use at once.
 * @throws Error if it cannot be reached, was written by a newer version, or is encrypted with another master key; the url,
 *   which may hold a password, is not in it.
 */
export async function openSharedStores({
  url,
  statementTimeoutMs,
  transactionTimeoutMs = 30_000,
  ...options
}: SharedStoresOptions): Promise<Stores> {
  const place = describePostgres(url);
  try {
    // Loaded where it is used: its driver is a twentieth of a start with SQLite.
    const { openPostgres } = await import('./dialects/postgres/database.ts');
    return await storesOver(await openPostgres({ url, statementTimeoutMs }), transactionTimeoutMs, options);
  } catch (cause) {
    throw new Error(`cannot open the database ${place}: ${(cause as Error).message}`, { cause });
  }
}
