/** The passkeys of operators. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('operator_passkeys')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('operator', text, (column) => column.notNull())
    .addColumn('label', text, (column) => column.notNull())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('public_key', text, (column) => column.notNull())
    .addColumn('transports', text, (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
}
