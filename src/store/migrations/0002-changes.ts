/** The tables of the change feed. Never edited once released. */
import type { Kysely } from 'kysely';

/** Makes {@link import('../tables.ts').ChangeRow}'s table, and counts each registry's changes from 0. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['changes', 'forgotten']) {
    await db.schema
      .alterTable('registries')
      .addColumn(column, 'bigint', (definition) => definition.notNull().defaultTo(0))
      .execute();
  }
  await db.schema
    .createTable('changes')
    .addColumn('appid', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('face_id', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('changes_key', ['appid', 'sequence'])
    .execute();
}
