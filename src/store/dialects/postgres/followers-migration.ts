/** The tables of the servers that follow the change feeds. Never edited once released. */
import { type Kysely, sql } from 'kysely';
import { postgres } from './dialect.ts';

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('servers')
    .addColumn('id', postgres.text, (column) => column.primaryKey())
    .addColumn('seen_at', sql`timestamptz`, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('followers')
    .addColumn('appid', postgres.text, (column) => column.notNull())
    .addColumn('server', postgres.text, (column) => column.notNull().references('servers.id').onDelete('cascade'))
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('followers_key', ['appid', 'server'])
    .execute();
  await db.schema.createIndex('followers_of_server').on('followers').column('server').execute();
}
