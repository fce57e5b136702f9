/**
 * Reads a register and leaves no trace: nothing is created, written or brought up to date. For commands that report, and
 * for a look at a register that does not open.
 */
import type { Kysely } from 'kysely';
import type { KeyRecord } from '../auth/keys.ts';
import type { UsageRow } from '../domain/stores.ts';
import { callsFileOf, openSqliteToRead } from './dialects/sqlite/database.ts';
import { fingerprintOf } from './encryption/master-key.ts';
import { listKeys } from './keyring.ts';
import { refuseOther } from './migrations.ts';
import type { CallTables, Tables } from './tables.ts';
import { reportUsage } from './usage.ts';

/** A register that is only read. */
export interface Inspection extends AsyncDisposable {
  readonly db: Kysely<Tables>;
  /** What calls write, which is a file of its own. */
  readonly calls: Kysely<CallTables>;
  /** In order of creation. */
  listKeys(): Promise<readonly KeyRecord[]>;
  /** Sorted by appid, then endpoint. */
  report(month: string, appid?: string): Promise<readonly UsageRow[]>;
  /** Of the master key that it needs; undefined if nothing has been encrypted yet. */
  fingerprint(): Promise<string | undefined>;
}

/**
 * Opens a register to read it, whether or not others have it open.
 * @throws Error if it cannot be read, or is of another version than this program writes.
 */
export async function inspect(file: string): Promise<Inspection> {
  await using opening = new AsyncDisposableStack();
  const db = openSqliteToRead<Tables>(file);
  opening.defer(() => db.destroy());
  await refuseOther(db);
  const calls = openSqliteToRead<CallTables>(callsFileOf(file));
  opening.defer(() => calls.destroy());
  const open = opening.move();
  return {
    db,
    calls,
    listKeys: () => listKeys(db),
    report: (month, appid) => reportUsage(calls, db, month, appid),
    fingerprint: () => fingerprintOf(db),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
