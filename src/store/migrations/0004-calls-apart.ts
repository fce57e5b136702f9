/** What calls write goes where no call waits for what others write to the registries. Never edited once released. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { CallTables, MonthCountRow, SpentSignatureRow } from '../tables.ts';

/** The tables as they were. */
interface OldTables {
  spent_signatures: Omit<SpentSignatureRow, 'spent_at'>;
  usage: MonthCountRow;
}

/** Rows in one statement. */
const batchSize = 1_000;

/**
 * Moves the tables. What was copied is durable before it is removed here; a process that died in between copies again,
 * and what is there already stays as it is.
 */
export function callsApart(calls: Kysely<CallTables>): Migration {
  return {
    async up(db: Kysely<OldTables>) {
      await calls.transaction().execute(async (trx) => {
        await copyUsage(db, trx);
        await copySpent(db, trx);
      });
      await db.schema.dropTable('usage').execute();
      await db.schema.dropTable('spent_signatures').execute();
    },
  };
}

async function copyUsage(db: Kysely<OldTables>, calls: Kysely<CallTables>): Promise<void> {
  const rows = await db.selectFrom('usage').selectAll().execute();
  for (let i = 0; i < rows.length; i += batchSize) {
    await calls
      .insertInto('usage')
      .values(rows.slice(i, i + batchSize))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** When they were spent is not known: at the latest now. */
async function copySpent(db: Kysely<OldTables>, calls: Kysely<CallTables>): Promise<void> {
  const spent_at = Math.floor(Date.now() / 1000);
  let last: OldTables['spent_signatures'] | undefined = { appid: '', digest: new Uint8Array() };
  while (last !== undefined) {
    const { appid, digest }: OldTables['spent_signatures'] = last;
    const rows = await db
      .selectFrom('spent_signatures')
      .select(['appid', 'digest'])
      .where(({ eb, refTuple, tuple }) => eb(refTuple('appid', 'digest'), '>', tuple(appid, digest)))
      .orderBy('appid')
      .orderBy('digest')
      .limit(batchSize)
      .execute();
    if (rows.length > 0) {
      await calls
        .insertInto('spent_signatures')
        .values(rows.map((row) => ({ ...row, spent_at })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    last = rows.at(-1);
  }
}
