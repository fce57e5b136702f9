/** The tables of model packs and of changing from one to another. Never edited once released. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the tables. PostgreSQL had one for the pack in use, whose row goes over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text, name } = dialectOf(db);
  await db.schema
    .createTable('packs')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('model', text)
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('required', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('since', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('phase', text)
    .addColumn('asked_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('started_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('told_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('epoch', 'bigint')
    .addColumn('was_complete', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('leaves_failed', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('worker', text, (column) => column.notNull().defaultTo(''))
    .addColumn('worker_until', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('done', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('done_at_start', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('total', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('message', text, (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .createTable('pack_reports')
    .addColumn('server', text, (column) => column.notNull())
    .addColumn('pack', text, (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('message', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('pack_reports_key', ['server', 'pack'])
    .execute();
  await db.schema
    .createTable('unconverted_faces')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('face_id', text, (column) => column.notNull())
    .addColumn('model', text, (column) => column.notNull())
    .addColumn('reason', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('unconverted_faces_key', ['appid', 'face_id', 'model'])
    .addForeignKeyConstraint('unconverted_of_face', ['appid', 'face_id'], 'faces', ['appid', 'face_id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();
  if (name === 'SQLite') return;
  await sql`insert into packs (name, model, state) select name, model, 'in use' from pack_in_use`.execute(db);
  await db.schema.dropTable('pack_in_use').execute();
}
