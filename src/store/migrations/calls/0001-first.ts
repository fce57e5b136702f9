/** The first tables of what calls write. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../../dialects/dialect.ts';

/** Makes the tables of {@link import('../../tables.ts').CallTables}. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('spent_signatures')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('digest', 'bytea', (column) => column.notNull())
    .addColumn('spent_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('spent_signatures_key', ['appid', 'digest'])
    .execute();
  await db.schema
    .createIndex('spent_signatures_in_order')
    .on('spent_signatures')
    .columns(['spent_at', 'appid', 'digest'])
    .execute();
  await db.schema
    .createTable('usage')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('month', text, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('ok', 'bigint', (column) => column.notNull())
    .addColumn('failed', 'bigint', (column) => column.notNull())
    .addColumn('pictures', 'bigint', (column) => column.notNull())
    .addColumn('faces', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_key', ['appid', 'month', 'endpoint'])
    .addUniqueConstraint('usage_by_month', ['month', 'appid', 'endpoint'])
    .execute();
}
