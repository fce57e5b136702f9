/** A table of lines of the audit, as two databases have one. Never edited once released. */
import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes a table for {@link import('../tables.ts').AuditRow}. */
export async function makeLines(db: Kysely<unknown>, table: string): Promise<void> {
  const { text } = dialectOf(db);
  await withoutRowid(db, db.schema.createTable(table))
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

/** In SQLite a table that is its own index: a line costs one page, and not two. */
export function withoutRowid<T extends string, C extends string>(
  db: Kysely<unknown>,
  table: CreateTableBuilder<T, C>,
): CreateTableBuilder<T, C> {
  return dialectOf(db).name === 'SQLite' ? table.modifyEnd(sql`without rowid`) : table;
}
