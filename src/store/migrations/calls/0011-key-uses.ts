/** When keys were last used. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../../dialects/dialect.ts';

/** Makes the table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('key_uses')
    .addColumn('secret_id', text, (column) => column.notNull())
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('key_uses_key', ['secret_id'])
    .execute();
  await db.schema.createIndex('key_uses_of_appid').on('key_uses').column('appid').execute();
}
