/** The versions of the database, and how an older one is brought up to date. */
import { setTimeout } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import * as postgresCallSeconds from './dialects/postgres/call-seconds-migration.ts';
import * as postgresFirst from './dialects/postgres/first-migration.ts';
import * as postgresFollowers from './dialects/postgres/followers-migration.ts';
import * as postgresPack from './dialects/postgres/pack-migration.ts';
import * as postgresServerState from './dialects/postgres/server-state-migration.ts';
import * as postgresVectors from './dialects/postgres/vectors-migration.ts';
import { failureOf } from './failure.ts';
import * as first from './migrations/0001-first.ts';
import * as changes from './migrations/0002-changes.ts';
import * as changeLists from './migrations/0003-change-lists.ts';
import { callsApart } from './migrations/0004-calls-apart.ts';
import * as encryption from './migrations/0005-encryption.ts';
import * as usageOfWrites from './migrations/0006-usage-of-writes.ts';
import * as copies from './migrations/0010-copies.ts';
import * as contents from './migrations/0011-contents.ts';
import * as tenants from './migrations/0011-tenants.ts';
import * as usageByDay from './migrations/0012-usage-by-day.ts';
import * as audit from './migrations/0013-audit.ts';
import * as corrections from './migrations/0014-corrections.ts';
import * as operators from './migrations/0016-operators.ts';
import * as packs from './migrations/0017-packs.ts';
import * as check from './migrations/0018-check.ts';
import * as passkeys from './migrations/0020-passkeys.ts';
import * as register from './migrations/0021-register.ts';
import * as keyChanges from './migrations/0023-key-changes.ts';
import * as callsFirst from './migrations/calls/0001-first.ts';
import * as callsByDay from './migrations/calls/0002-usage-by-day.ts';
import * as spentByAppid from './migrations/calls/0010-spent-by-appid.ts';
import * as keyUses from './migrations/calls/0011-key-uses.ts';
import * as auditOfCalls from './migrations/calls/0013-audit.ts';
import * as callBatches from './migrations/calls/0022-batches.ts';
import type { CallTables, Tables } from './tables.ts';

/** Migrations under their numbers, in order. */
type Migrations = Readonly<Record<string, Migration>>;

/** Those of what calls write. */
const ofCalls: Migrations = {
  '0001': callsFirst,
  '0002': callsByDay,
  '0010': spentByAppid,
  '0011': keyUses,
  '0013': auditOfCalls,
  '0022': callBatches,
};

/** Brings the database up to date. @throws NewerVersionError if it was written by a newer version. */
export async function migrate({ writer, calls }: Database): Promise<void> {
  // PostgreSQL has both in one database.
  const suffix = dialectOf(writer).name === 'SQLite' ? '' : '_calls';
  await waiting(() => toLatest(calls.writer, ofCalls, suffix));
  await waiting(() => toLatest(writer, registryMigrations(writer, calls.writer)));
  if (dialectOf(writer).name === 'SQLite') return;
  const { distributeNewTables } = await import('./dialects/postgres/spread.ts');
  await writer.transaction().execute(async (trx) => {
    const bare = trx as unknown as Kysely<never>;
    await dialectOf(trx).lockMigrations(bare);
    await distributeNewTables(bare);
  });
}

/** How long another process is waited for that migrates the same file: longer than for a write, in milliseconds. */
const migrationWaitMs = 30_000;
/** How long until it is tried again, in milliseconds. */
const lookAgainMs = 50;

/** Migrates again while another process does. */
async function waiting(migration: () => Promise<void>): Promise<void> {
  const until = performance.now() + migrationWaitMs;
  for (;;) {
    try {
      return await migration();
    } catch (error) {
      if (failureOf(error) !== 'busy' || performance.now() > until) throw error;
      await setTimeout(lookAgainMs);
    }
  }
}

/** The migrations of the registries, by their names. PostgreSQL begins with the tables that SQLite's first five migrations lead to. */
export function registryMigrations(db: Kysely<Tables>, calls: Kysely<CallTables>): Migrations {
  if (dialectOf(db).name === 'PostgreSQL') {
    return {
      '0005': postgresFirst,
      '0006': usageOfWrites,
      '0006-followers': postgresFollowers,
      '0008': postgresPack,
      '0009-vectors': postgresVectors,
      '0010': copies,
      '0011': tenants,
      '0011-calls': postgresCallSeconds,
      '0011-contents': contents,
      '0012': usageByDay,
      '0013': audit,
      '0014': corrections,
      '0016': operators,
      '0017': packs,
      '0018': check,
      '0020': passkeys,
      '0021': register,
      '0022-servers': postgresServerState,
    };
  }
  return {
    '0001': first,
    '0002': changes,
    '0003': changeLists,
    '0004': callsApart(calls),
    '0005': encryption,
    '0006': usageOfWrites,
    '0010': copies,
    '0011': tenants,
    '0011-contents': contents,
    '0012': usageByDay,
    '0013': audit,
    '0014': corrections,
    '0016': operators,
    '0017': packs,
    '0018': check,
    '0020': passkeys,
    '0021': register,
    '0023': keyChanges,
  };
}

/**
 * Runs what has not been run yet in one transaction, whose lock makes a second process wait and then find nothing to
 * do; an interrupted migration leaves the old version behind.
 */
async function toLatest<T>(db: Kysely<T>, migrations: Migrations, suffix = ''): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await dialectOf(trx).lockMigrations(trx as unknown as Kysely<never>);
    refuseNewer(await appliedTo(trx, suffix), migrations);
    const { error } = await new Migrator({
      db: trx,
      provider: { getMigrations: async () => migrations },
      migrationTableName: DEFAULT_MIGRATION_TABLE + suffix,
      migrationLockTableName: DEFAULT_MIGRATION_LOCK_TABLE + suffix,
    }).migrateToLatest();
    if (error !== undefined) throw error;
  });
}

/**
 * Refuses a database that is not of this program's version.
 * @throws Error that says which is older.
 */
export async function refuseOther(db: Kysely<Tables>): Promise<void> {
  // Only their names are asked for.
  const migrations = registryMigrations(db, db as unknown as Kysely<CallTables>);
  const applied = await appliedTo(db);
  refuseNewer(applied, migrations);
  const known = Object.keys(migrations).at(-1);
  if (applied.at(-1) === known) return;
  const version = applied.at(-1) ?? 'none';
  throw new OlderVersionError(`the database is of version ${version}; the next start of the server makes it ${known}`);
}

/** Says that a database was written by an older version and has not been brought up to date yet. */
export class OlderVersionError extends Error {
  override readonly name = 'OlderVersionError';
}

/** Says that a database was written by a newer version of the program. */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError';
}

function refuseNewer(applied: readonly string[], migrations: Migrations): void {
  const unknown = applied.filter((version) => !(version in migrations));
  if (unknown.length === 0) return;
  const known = Object.keys(migrations).at(-1);
  throw new NewerVersionError(
    `the database is of version ${unknown.at(-1)}, and this program knows versions up to ${known} only`,
  );
}

async function appliedTo<T>(db: Kysely<T>, suffix = ''): Promise<readonly string[]> {
  const table = DEFAULT_MIGRATION_TABLE + suffix;
  if (!(await dialectOf(db).hasTable(db as unknown as Kysely<never>, table))) return [];
  const versions = (db as Kysely<unknown>).withTables<{ [name: string]: { name: string } }>();
  const rows = await versions.selectFrom(table).select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}
