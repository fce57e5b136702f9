/** Groups that are joined or left together become one change of the feed. Never edited once released. */
import { type Kysely, sql } from 'kysely';

/** Gives {@link import('../tables.ts').ChangeRow} lists of groups; ids hold no character that JSON writes differently. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('changes').renameColumn('group_id', 'group_ids').execute();
  await sql`update changes set kind = kind || 's', group_ids = '["' || group_ids || '"]' where group_ids <> ''`.execute(
    db,
  );
}
