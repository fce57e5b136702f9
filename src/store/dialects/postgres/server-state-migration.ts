/** What servers that share a database tell of themselves. Never edited once released. */
import type { Kysely } from 'kysely';
import { postgres } from './dialect.ts';

/** Adds the columns; a server of an older version leaves them empty. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('servers')
    .addColumn('version', postgres.text, (column) => column.notNull().defaultTo(''))
    .addColumn('process_bytes', 'bigint')
    .addColumn('index_bytes', 'bigint')
    .addColumn('index_faces', 'bigint')
    .execute();
}
