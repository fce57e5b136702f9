/** The versions of the database, and how an older one is brought up to date. */
import type { Kysely } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from 'kysely/migration';
import * as first from './migrations/0001-first.ts';
import * as changes from './migrations/0002-changes.ts';
import * as changeLists from './migrations/0003-change-lists.ts';
import type { Tables } from './tables.ts';

/** Every migration under its number, in order. */
const migrations: Readonly<Record<string, Migration>> = { '0001': first, '0002': changes, '0003': changeLists };

/**
 * Brings the database up to date in one transaction, whose lock makes a second process wait and then find nothing to
 * do; an interrupted migration leaves the old version behind.
 * @throws Error if the database was written by a newer version.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    refuseNewer(await appliedTo(trx));
    const { error } = await new Migrator({
      db: trx,
      provider: { getMigrations: async () => migrations },
    }).migrateToLatest();
    if (error !== undefined) throw error;
  });
}

function refuseNewer(applied: readonly string[]): void {
  const unknown = applied.filter((version) => !(version in migrations));
  if (unknown.length === 0) return;
  const known = Object.keys(migrations).at(-1);
  throw new Error(`the database is of version ${unknown.at(-1)}, and this program knows versions up to ${known} only`);
}

async function appliedTo(db: Kysely<Tables>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const versions = db.$extendTables<{ [DEFAULT_MIGRATION_TABLE]: { name: string } }>();
  const rows = await versions.selectFrom(DEFAULT_MIGRATION_TABLE).select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}
