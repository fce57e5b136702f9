/** What tells whether a key has changed, where everything is one file. Never edited once released. */
import { type Kysely, sql } from 'kysely';

/** The tables that say who may call, and what the calls may be. */
const tables = ['copies', 'tenants', 'buckets', 'keys'] as const;

/**
 * Makes a table with one number, which goes up whenever somebody writes to one of these tables: triggers do so for whichever process and
 * version writes. Only SQLite is asked so often that it is worth it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table key_changes (changes integer not null)`.execute(db);
  await sql`insert into key_changes values (0)`.execute(db);
  for (const table of tables) {
    for (const write of ['insert', 'update', 'delete'] as const) {
      await sql`create trigger ${sql.ref(`key_changes_${write}_${table}`)} after ${sql.raw(write)} on ${sql.table(table)}
        begin update key_changes set changes = changes + 1; end`.execute(db);
    }
  }
}
