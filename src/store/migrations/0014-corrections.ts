/** Corrections that can be undone, and persons that are not the same. Never edited once released. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('corrections')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('encrypted_undo', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('corrections_key', ['appid', 'id'])
    .execute();
  await db.schema.createIndex('corrections_by_time').on('corrections').columns(['made_at']).execute();
  await db.schema
    .createTable('correction_subjects')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('correction_subjects_key', ['appid', 'digest', 'id'])
    .addForeignKeyConstraint('subject_of_correction', ['appid', 'id'], 'corrections', ['appid', 'id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('subjects_of_correction').on('correction_subjects').columns(['appid', 'id']).execute();
  await db.schema
    .createTable('forbidden_pairs')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('one', text, (column) => column.notNull())
    .addColumn('other', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('forbidden_pairs_key', ['appid', 'one', 'other'])
    .execute();
  await db.schema.createIndex('forbidden_pairs_of_other').on('forbidden_pairs').columns(['appid', 'other']).execute();
}
