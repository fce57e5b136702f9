/** The table of the model pack that all servers of a database use. Never edited once released. */
import type { Kysely } from 'kysely';
import { postgres } from './dialect.ts';

/** Makes the table, which has one row or none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pack_in_use')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', postgres.text, (column) => column.notNull())
    .addColumn('model', postgres.text)
    .execute();
}
