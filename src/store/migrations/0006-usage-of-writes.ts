/** Calls that write to a registry are counted in the transaction of what they write. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the table of their counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('usage_of_writes')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('month', text, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('ok', 'bigint', (column) => column.notNull())
    .addColumn('failed', 'bigint', (column) => column.notNull())
    .addColumn('pictures', 'bigint', (column) => column.notNull())
    .addColumn('faces', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_of_writes_key', ['appid', 'month', 'endpoint'])
    .addUniqueConstraint('usage_of_writes_by_month', ['month', 'appid', 'endpoint'])
    .execute();
}
