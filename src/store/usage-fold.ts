/**
 * Keeps the tables of counts small: what several servers counted of a day becomes one row, and the days of months long past become
 * their month. Sums stay what they were.
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import type { UsageCountRow } from './tables.ts';
import { addTo, type UsageTable, usageKey, usageOf, usageSums } from './usage.ts';

/** Days for which counts are kept by day: a year, and the month that it ends in. After that they are kept by month. */
export const daysKept = 400;
/** Rows of one transaction: it takes some milliseconds, for which calls wait. */
const batchSize = 50;

/**
 * Folds what can be folded, appid by appid. Several servers may do so at once: none takes a row that another one has.
 * @param today `2026-11-30`, in the time zone in which calls are counted. A server's clock may be wrong by minutes, so that
 *   the counts of yesterday are left alone, too: servers may still add to them.
 * @throws the first failure of an appid, after the others are folded.
 */
export async function foldUsage<T>(
  table: UsageTable,
  reader: Kysely<T>,
  transactions: Pick<Transactions<T>, 'run'>,
  today: string,
): Promise<void> {
  const [yesterday, firstKept] = [daysBefore(today, 1), daysBefore(today, daysKept)];
  const ofServers = sql<boolean>`day < ${yesterday} and node <> ''`;
  // A month is shorter than a day, and stays.
  const longPast = sql<boolean>`day < ${firstKept} and length(day) > 7`;
  const failures: unknown[] = [];
  for (const condition of [ofServers, longPast]) {
    // As an expression: for the column itself SQLite would walk the whole primary key, which has it in order.
    const column = sql<string>`appid || ''`.as('appid');
    const found = await usageOf(table, reader).selectFrom(table).select(column).distinct().where(condition).execute();
    for (const { appid } of found) {
      await foldAppid(table, transactions, { appid, condition, firstKept }).catch((error) => failures.push(error));
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** What is folded of an appid. */
interface Foldable {
  readonly appid: string;
  readonly condition: RawBuilder<boolean>;
  /** The first day that is kept. */
  readonly firstKept: string;
}

async function foldAppid<T>(
  table: UsageTable,
  transactions: Pick<Transactions<T>, 'run'>,
  foldable: Foldable,
): Promise<void> {
  for (let folded = batchSize; folded === batchSize; ) {
    folded = await transactions.run((trx) => foldBatch(table, trx, foldable), foldable.appid);
  }
}

async function foldBatch<T>(
  table: UsageTable,
  trx: Transaction<T>,
  { appid, condition, firstKept }: Foldable,
): Promise<number> {
  const db = usageOf(table, trx);
  const found = db
    .selectFrom(table)
    .select([...usageKey, ...usageSums])
    .where('appid', '=', appid)
    .where(condition)
    .limit(constant(batchSize));
  const rows = await dialectOf(trx).skipLocked(found).execute();
  for (const row of addUp(rows, firstKept)) await db.executeQuery(addTo(table, db, row).compile());
  for (const row of rows) {
    await usageKey.reduce((query, column) => query.where(column, '=', row[column]), db.deleteFrom(table)).execute();
  }
  return rows.length;
}

/** The rows that others become, in one order, so that two servers that fold do not wait for each other. */
function addUp(rows: readonly UsageCountRow[], firstKept: string): readonly UsageCountRow[] {
  const sums = new Map<string, UsageCountRow>();
  for (const row of rows) {
    const into = { ...row, node: '', day: row.day < firstKept ? row.day.slice(0, 7) : row.day };
    const key = JSON.stringify(usageKey.map((column) => into[column]));
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, into);
    else for (const column of usageSums) sum[column] += row[column];
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** @param day `2026-11-30`. */
function daysBefore(day: string, days: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, date - days)).toISOString().slice(0, 10);
}
