/** The tables of the audit. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { makeLines, withoutRowid } from './audit-lines.ts';

/** Makes the table of lines that are written with what they tell of, and those of ids and of settings. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await makeLines(db, 'audit');
  await withoutRowid(db, db.schema.createTable('audit_ids'))
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addColumn('encrypted_id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_ids_key', ['appid', 'digest'])
    .execute();
  await db.schema
    .createTable('audit_settings')
    .addColumn('server', text, (column) => column.primaryKey())
    .addColumn('settings', text, (column) => column.notNull())
    .execute();
}
