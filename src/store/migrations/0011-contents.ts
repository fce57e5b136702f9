/** Counts of what each appid keeps. Never edited once released. */
import { type Kysely, sql } from 'kysely';

/** Adds them, and counts what is there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const count of ['persons', 'faces', 'bytes']) {
    await db.schema
      .alterTable('registries')
      .addColumn(count, 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
  }
  await sql`
    update registries set
      persons = (select count(*) from persons where persons.appid = registries.appid),
      faces = (select count(*) from faces where faces.appid = registries.appid),
      bytes = (select coalesce(sum(octet_length(embedding)), 0) from embeddings where embeddings.appid = registries.appid)
        + (select coalesce(sum(octet_length(crop)), 0) from crops where crops.appid = registries.appid)`.execute(db);
}
