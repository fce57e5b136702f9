/** By what transaction counts were added to last. Never edited once released. */
import type { Kysely } from 'kysely';

/** Adds the column. Servers of the version before leave it as it is: each has rows of its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('usage_by_day')
    .addColumn('batch', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
