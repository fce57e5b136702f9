/** Calls are counted by day, key and code, and statements of months are kept. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { makeUsageByDay } from './calls/0002-usage-by-day.ts';

/** Makes the tables. The one of counts by month stays: servers of the version before write to it, and reports read it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeUsageByDay(db, 'usage_of_writes_by_day');
  const { text } = dialectOf(db);
  await db.schema
    .createTable('statements')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('month', text, (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('statements_key', ['appid', 'month'])
    .execute();
}
