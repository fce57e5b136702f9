/** The table that says whether the installation keeps vectors. Never edited once released. */
import type { Kysely } from 'kysely';
import { postgres } from './dialect.ts';

/** Makes the table, with its only row: no vectors. Those have a table that is made once they are wanted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('vector_search')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('state', postgres.text, (column) => column.notNull())
    .execute();
  await (db as Kysely<{ vector_search: { id: number; state: string } }>)
    .insertInto('vector_search')
    .values({ id: 1, state: 'off' })
    .execute();
}
