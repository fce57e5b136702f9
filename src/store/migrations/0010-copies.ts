/** What is known of a register that is copied while it is used. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('copies')
    .addColumn('role', text, (column) => column.primaryKey())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('other', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('copied_appids')
    .addColumn('appid', text, (column) => column.primaryKey())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('after', text, (column) => column.notNull())
    .addColumn('is_whole', 'integer', (column) => column.notNull())
    .execute();
}
