/** What checks of registries find, when faces were seen, and what appids may want of both. Never edited once released. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';

/** Makes the tables and columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text, today } = dialectOf(db);
  const now = await db.selectNoFrom(today.as('day')).executeTakeFirstOrThrow();
  // Faces that are there count as enrolled when this is run: nobody is taken for unseen who could not be noted before.
  await db.schema
    .alterTable('faces')
    .addColumn('enrolled_day', 'integer', (column) => column.notNull().defaultTo(sql.lit(now.day)))
    .execute();
  await db.schema.alterTable('tenants').addColumn('resembling', text).execute();
  await db.schema.alterTable('tenants').addColumn('resembling_score', 'bigint').execute();
  await db.schema.alterTable('tenants').addColumn('retention_days', 'bigint').execute();
  await db.schema.alterTable('tenants').addColumn('retention', text).execute();
  await db.schema
    .createTable('sightings')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('face_id', text, (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('sightings_key', ['appid', 'face_id'])
    .execute();
  await makeProposals(db);
}

async function makeProposals(db: Kysely<unknown>): Promise<void> {
  const { text } = dialectOf(db);
  await db.schema
    .createTable('checks')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('run', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('began_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('done', 'bigint', (column) => column.notNull())
    .addColumn('total', 'bigint', (column) => column.notNull())
    .addColumn('outcome', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('checks_key', ['appid'])
    .execute();
  await db.schema
    .createTable('proposals')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('run', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('weight', 'integer', (column) => column.notNull())
    .addColumn('encrypted_finding', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('proposals_key', ['appid', 'id'])
    .execute();
  await db.schema
    .createIndex('proposals_in_order')
    .on('proposals')
    .columns(['appid', 'state', 'weight', 'id'])
    .execute();
  await db.schema
    .createTable('proposal_subjects')
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('proposal_subjects_key', ['appid', 'digest', 'id'])
    .addForeignKeyConstraint('subject_of_proposal', ['appid', 'id'], 'proposals', ['appid', 'id'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('subjects_of_proposal').on('proposal_subjects').columns(['appid', 'id']).execute();
}
