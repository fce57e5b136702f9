/** The statements of closed months, which never change. */
import type { Kysely } from 'kysely';
import type { AuditTrail } from './audit/trail.ts';
import type { Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import type { StatementRow, Tables } from './tables.ts';

/** Reads statements; what they say is the business of who closes a month. */
export interface StatementsReader {
  /** Those of an appid, or of all; in the order of appids, then of months. */
  list(appid?: string): Promise<readonly StatementRow[]>;
}

/** What keeps a statement. */
export interface Statements extends StatementsReader {
  /**
   * Closes a month of an appid. Closings of one appid take turns.
   * @param make what is kept, made of the statements that the appid has by now; undefined to keep nothing. It must wait for reads only.
   * @returns what is kept; undefined if nothing is, or the month was closed before.
   */
  close(
    appid: string,
    month: string,
    make: (kept: readonly StatementRow[]) => Promise<string | undefined>,
  ): Promise<StatementRow | undefined>;
}

/** The statements of a database. Failures of the database are thrown as they are. */
export function openStatements(
  db: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  audit: Pick<AuditTrail, 'note'>,
): Statements {
  return {
    list: (appid) => listStatements(db, appid),
    close: (appid, month, make) =>
      transactions.run(async (trx) => {
        await dialectOf(trx).lockRegistry?.(trx, appid);
        const kept = await listStatements(trx, appid);
        if (kept.some((statement) => statement.month === month)) return undefined;
        const content = await make(kept);
        if (content === undefined) return undefined;
        const row = { appid, month, content };
        await trx.insertInto('statements').values(row).execute();
        await audit.note(trx, appid, { action: 'statement close', detail: { month } });
        return row;
      }, appid),
  };
}

/** The statements of an appid, or of all; in the order of appids, then of months. */
export function listStatements(db: Kysely<Tables>, appid?: string): Promise<readonly StatementRow[]> {
  return db
    .selectFrom('statements')
    .select(['appid', 'month', 'content'])
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid as string))
    .orderBy('appid')
    .orderBy('month')
    .execute();
}
