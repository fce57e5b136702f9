/** Limits of single appids, and what is known of keys. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** The limits that an appid may have of its own. */
const limits = [
  'calls_per_second',
  'calls_in_flight',
  'pictures_in_flight',
  'pictures_per_month',
  'groups',
  'persons',
  'faces',
  'bytes',
  'enrol_quality',
];

/** Adds their columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  // SQLite adds one column a statement.
  for (const limit of limits) await db.schema.alterTable('tenants').addColumn(limit, 'bigint').execute();
  await db.schema
    .alterTable('tenants')
    .addColumn('note', text, (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.alterTable('keys').addColumn('name', text).execute();
  await db.schema.alterTable('keys').addColumn('expires_at', 'bigint').execute();
  await db.schema.alterTable('keys').addColumn('endpoints', text).execute();
}
