/** The table of the calls of each appid in the second that runs. Never edited once released. */
import { type Kysely, sql } from 'kysely';

/** Makes the table. It is not logged: after a crash the second that it tells of is long over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unlogged table call_seconds (
      appid text collate "C" not null,
      second bigint not null,
      calls_max bigint not null,
      taken bigint not null,
      granted bigint not null,
      constraint call_seconds_key primary key (appid)
    )`.execute(db);
}
