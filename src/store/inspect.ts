/**
 * Reads a register and leaves no trace: nothing is created, written or brought up to date. For commands that report, and
 * for a look at a register that does not open.
 */
import type { Kysely } from 'kysely';
import type { KeyRecord } from '../auth/keys.ts';
import type { UsageQuery, UsageRow } from '../domain/stores.ts';
import { AuditReader } from './audit/reader.ts';
import { dialectOf } from './dialects/dialect.ts';
import { checkPages } from './dialects/sqlite/check-pages.ts';
import { callsFileOf, openSqliteToRead } from './dialects/sqlite/database.ts';
import { DataKeys } from './encryption/data-keys.ts';
import { fingerprintOf, type MasterKey } from './encryption/master-key.ts';
import { listKeys } from './key-records.ts';
import { keyUses } from './key-uses.ts';
import { refuseOther } from './migrations.ts';
import { type PackState, readPacks } from './packs/state.ts';
import { listStatements, type StatementsReader } from './statements.ts';
import type { CallTables, Tables } from './tables.ts';
import { listTenants, type TenantRecord } from './tenant-records.ts';
import { reportUsage } from './usage-report.ts';

/** A register that is only read. */
export interface Inspection extends AsyncDisposable {
  readonly db: Kysely<Tables>;
  /** What calls write, which is a file of its own. */
  readonly calls: Kysely<CallTables>;
  /** In order of creation. */
  listKeys(): Promise<readonly KeyRecord[]>;
  /** When keys were last used, by SecretId: milliseconds since 1970, up to a minute early. */
  keyUses(): Promise<ReadonlyMap<string, number>>;
  /** Every appid that was added, or the one that is named, in the order of their ids. */
  listTenants(appid?: string): Promise<readonly TenantRecord[]>;
  /** Sorted by appid, then by what was asked for. */
  report(query: UsageQuery): Promise<readonly UsageRow[]>;
  readonly statements: StatementsReader;
  /**
   * Reads the audit.
   * @param masterKey undefined if it is not at hand.
   */
  audit(masterKey: MasterKey | undefined): AuditReader;
  /** Of the master key that it needs; undefined if nothing has been encrypted yet. */
  fingerprint(): Promise<string | undefined>;
  /** The packs whose embeddings are kept. */
  packs(): Promise<readonly PackState[]>;
  /** What is wrong with the pages of the database; undefined if it checks them by itself. */
  checkPages(): Promise<readonly string[] | undefined>;
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
  const pages = async () => [...(await checkPages(db)), ...(await checkPages(calls))];
  return inspectionOf({ db, calls, checkPages: pages }, opening.move());
}

/**
 * Opens a register in a PostgreSQL database to read it; undefined if there is none in it.
 * @throws Error if it cannot be read, or is of another version than this program writes.
 */
export async function inspectShared(url: string): Promise<Inspection | undefined> {
  const { openPostgresToRead } = await import('./dialects/postgres/database.ts');
  await using opening = new AsyncDisposableStack();
  const { db, calls } = opening.use(openPostgresToRead(url));
  if (!(await dialectOf(db).hasTable(db as unknown as Kysely<never>, 'registries'))) return undefined;
  await refuseOther(db);
  return inspectionOf({ db, calls, checkPages: async () => undefined }, opening.move());
}

function inspectionOf(parts: Pick<Inspection, 'db' | 'calls' | 'checkPages'>, open: AsyncDisposable): Inspection {
  const { db, calls } = parts;
  return {
    ...parts,
    listKeys: () => listKeys(db),
    keyUses: () => keyUses(calls),
    listTenants: (appid) => listTenants(db, appid),
    report: (query) => reportUsage(calls, db, query),
    statements: { list: (appid) => listStatements(db, appid) },
    audit: (masterKey) => new AuditReader({ db, calls }, masterKey && new DataKeys(masterKey)),
    fingerprint: () => fingerprintOf(db),
    packs: () => readPacks(db),
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
