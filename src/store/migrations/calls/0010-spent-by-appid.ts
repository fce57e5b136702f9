/** Spent signatures are forgotten appid by appid. Never edited once released. */
import type { Kysely } from 'kysely';

/** Makes the index of each appid's oldest, in the place of that of the oldest of all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('spent_signatures_by_appid')
    .on('spent_signatures')
    .columns(['appid', 'spent_at', 'digest'])
    .execute();
  await db.schema.dropIndex('spent_signatures_in_order').execute();
}
