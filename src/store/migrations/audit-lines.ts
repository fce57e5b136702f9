/** A table of lines of the audit, as two databases have one. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes a table for {@link import('../tables.ts').AuditRow}. */
export async function makeLines(db: Kysely<unknown>, table: string): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable(table)
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('chain', text, (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('ids', text, (column) => column.notNull())
    .addColumn('detail', text, (column) => column.notNull())
    .addColumn('code', 'integer')
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('hash', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_key`, ['appid', 'chain', 'sequence'])
    .execute();
}
