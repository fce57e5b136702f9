/** Opens a register's database for a copy: without what a server does when it begins. */
import { existsSync } from 'node:fs';
import type { Database } from '../database.ts';
import { openSqlite } from '../dialects/sqlite/database.ts';
import { migrate, refuseOther } from '../migrations.ts';

/** Where a register is: a SQLite file, or the url of a PostgreSQL database. */
export type CopyPlace = { readonly file: string } | { readonly url: string };

/** How long a write waits for one of another process, in milliseconds. */
const busyTimeoutMs = 10_000;
/** How long a statement may take, in milliseconds: it reads and writes much at once. */
const statementTimeoutMs = 120_000;

/**
 * Opens the register that is copied.
 * @throws Error if there is none, or it is of another version than this program.
 */
export async function openSource(place: CopyPlace): Promise<Database> {
  if ('file' in place && !existsSync(place.file)) throw new Error('there is no register in it');
  return openChecked(place, ({ writer }) => refuseOther(writer));
}

/** Opens the database that a register is copied into; makes the tables if there are none. */
export async function openTarget(place: CopyPlace): Promise<Database> {
  return openChecked(place, migrate);
}

async function openChecked(place: CopyPlace, check: (database: Database) => Promise<void>): Promise<Database> {
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await open(place));
  await check(database);
  opening.move();
  return database;
}

async function open(place: CopyPlace): Promise<Database> {
  if ('file' in place) return openSqlite({ file: place.file, busyTimeoutMs });
  const { openPostgres } = await import('../dialects/postgres/database.ts');
  return openPostgres({ url: place.url, statementTimeoutMs });
}
