/** What the console's pages of a register ask for. Never edited once released. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { withoutRowid } from './audit-lines.ts';

/**
 * Adds the quality of a face as it was measured when the face was added; an index of persons by their names; and which lines of the audit
 * tell of a person, with those that are there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text, name } = dialectOf(db);
  await db.schema.alterTable('faces').addColumn('quality', 'integer').execute();
  await db.schema.createIndex('persons_by_name').on('persons').columns(['appid', 'name', 'person_id']).execute();
  await withoutRowid(db, db.schema.createTable('audit_persons'))
    .addColumn('appid', text, (column) => column.notNull())
    .addColumn('digest', text, (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_persons_key', ['appid', 'digest', 'sequence'])
    .execute();
  const digests =
    name === 'SQLite'
      ? sql`json_each(audit.ids, '$.persons')`
      : sql`jsonb_array_elements_text(cast(audit.ids as jsonb) -> 'persons') as told(value)`;
  await sql`
    insert into audit_persons (appid, digest, sequence, at)
    select audit.appid, value, audit.sequence, audit.at from audit, ${digests}
    where audit.chain = '' and audit.ids <> ''`.execute(db);
}
