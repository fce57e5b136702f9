/** Calls are counted by day, key and code. Never edited once released. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../../dialects/dialect.ts';

/** Makes the table. The one of counts by month stays: servers of the version before write to it, and reports read it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeUsageByDay(db, 'usage_by_day');
}

/** Makes a table of counts by day. */
export async function makeUsageByDay(db: Kysely<unknown>, name: string): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable(name)
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('day', text, (column) => column.notNull())
    .addColumn('secret_id', text, (column) => column.notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('code', 'integer', (column) => column.notNull())
    .addColumn('node', text, (column) => column.notNull())
    .addColumn('calls', 'bigint', (column) => column.notNull())
    .addColumn('pictures', 'bigint', (column) => column.notNull())
    .addColumn('faces', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${name}_key`, ['appid', 'day', 'secret_id', 'endpoint', 'code', 'node'])
    .execute();
  // For reports of all appids.
  await db.schema.createIndex(`${name}_in_order`).on(name).columns(['day', 'appid']).execute();
  // What servers counted apart is found when it is to be put together.
  await db.schema.createIndex(`${name}_of_nodes`).on(name).column('day').where(sql<boolean>`node <> ''`).execute();
}
