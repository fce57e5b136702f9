/** The operators, their sessions, and links for setting a password. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('operators')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('appid', text)
    .addColumn('password', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('operator_sessions')
    .addColumn('digest', text, (column) => column.primaryKey())
    .addColumn('operator', text, (column) => column.notNull())
    .addColumn('signed_in_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('operator_links')
    .addColumn('digest', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('appid', text)
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .execute();
}
