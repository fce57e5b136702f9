/** Opens a database in a thread that only reads. */
import type { Kysely } from 'kysely';
import type { DatabaseSource } from './database.ts';
import type { Tables } from './tables.ts';

/** Opens a handle of its own for the calling thread. */
export async function openToRead(source: DatabaseSource): Promise<Kysely<Tables>> {
  // Loaded where it is used: a thread needs one of them.
  if (source.kind === 'sqlite') {
    const { openSqliteReader } = await import('./dialects/sqlite/database.ts');
    return openSqliteReader(source.file);
  }
  const { openPostgresToRead } = await import('./dialects/postgres/database.ts');
  return openPostgresToRead(source.url).db;
}
