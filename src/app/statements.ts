/** Statements of months: what the command line and the operator's server show and close. */
import { readFile } from 'node:fs/promises';
import type { UsageLedger } from '../domain/stores.ts';
import { type PriceTable, publishedPrices, readPriceTable } from '../ops/statements/prices.ts';
import { type MonthCount, makeStatement, type Statement } from '../ops/statements/statement.ts';
import type { Statements, StatementsReader } from '../store/statements.ts';
import type { StatementRow } from '../store/tables.ts';
import { createDay, daysOf } from './calendar.ts';
import { productsOf } from './usage.ts';

export { PriceTableError } from '../ops/statements/prices.ts';
export { renderStatement, type StatementFormat, statementFormats } from '../ops/statements/render.ts';
export { type StatementLanguage, statementLanguages } from '../ops/statements/words.ts';

/** What statements are read from. */
export interface StatementSource {
  readonly usage: Pick<UsageLedger, 'report'>;
  readonly statements: StatementsReader;
}

/** Whose statement of which month is wanted. */
export interface StatementRequest {
  readonly appid: string;
  /** `2026-11`. */
  readonly month: string;
  /** The published list if absent. Those of a month that is closed are in its statement. */
  readonly prices?: PriceTable | undefined;
  readonly timeZone: string;
}

/** Says that a month cannot be closed, or is closed. */
export class MonthError extends Error {
  override readonly name = 'MonthError';
}

/**
 * How long after its end a month can be closed, in milliseconds: servers whose clocks are wrong by minutes have counted its last calls
 * by then. What still comes later is part of a later statement.
 */
const graceMs = 60 * 60 * 1_000;
/** The first day of every calendar. */
const firstDay = '0001-01-01';

/** Reads a price table from a file. @throws PriceTableError if it is none, and what the system says if there is no such file. */
export async function readPrices(file: string): Promise<PriceTable> {
  return readPriceTable(await readFile(file, 'utf8'), file);
}

/**
 * The statement of a month: the one that was kept if the month is closed, else as things stand.
 * @throws MonthError if the month is closed, and prices are given.
 */
export async function statementOf(source: StatementSource, request: StatementRequest): Promise<Statement> {
  const { appid, month, prices } = request;
  const kept = (await source.statements.list(appid)).map(contentOf);
  const closed = kept.find((statement) => statement.month === month);
  if (closed === undefined) return make(source, request, kept, null);
  if (prices === undefined) return closed;
  throw new MonthError(`${month} of ${appid} is closed, with its prices: no others can be given`);
}

/** What came of closing a month. */
export interface ClosedMonth {
  /** The statements that were made. */
  readonly statements: readonly Statement[];
  /** The appids for which the month had been closed before. */
  readonly before: readonly string[];
}

/**
 * Closes a month of one appid, or of all that called or have late calls. Interrupted, it has closed the month of some of them, and goes
 * on with the others when it is asked again.
 * @param now milliseconds since 1970.
 * @throws MonthError if the month may still go on.
 */
export async function closeMonth(
  source: StatementSource & { readonly statements: Statements },
  { appid, ...request }: Omit<StatementRequest, 'appid'> & { readonly appid?: string | undefined },
  now: number,
): Promise<ClosedMonth> {
  const { month, timeZone } = request;
  if (createDay(timeZone, () => now - graceMs)().slice(0, 7) <= month) {
    throw new MonthError(`${month} cannot be closed before it has been over for an hour (${timeZone})`);
  }
  const closedAt = new Date(now).toISOString();
  const [statements, before]: [Statement[], string[]] = [[], []];
  for (const one of appid === undefined ? await appidsOf(source, month) : [appid]) {
    const wanted = { ...request, appid: one };
    let wasClosed = true;
    const row = await source.statements.close(one, month, async (kept) => {
      const statement = await make(source, wanted, kept.map(contentOf), closedAt);
      wasClosed = false;
      return appid === undefined && isEmpty(statement) ? undefined : JSON.stringify(statement);
    });
    if (row !== undefined) statements.push(contentOf(row));
    else if (wasClosed) before.push(one);
  }
  return { statements, before };
}

async function make(
  { usage }: StatementSource,
  { appid, month, prices = publishedPrices, timeZone }: StatementRequest,
  closed: readonly Statement[],
  closedAt: string | null,
): Promise<Statement> {
  const rows = await usage.report({
    from: firstDay,
    to: daysOf(month).to,
    appid,
    by: ['month', 'endpoint', 'code'],
  });
  const counts = rows.map(({ ok, failed, ...row }) => ({ ...row, calls: ok + failed }) as unknown as MonthCount);
  return makeStatement({ appid, month, timeZone, closedAt, prices, counts, closed, productsOf });
}

/** The appids that may have something to be told of a month. */
async function appidsOf({ usage, statements }: StatementSource, month: string): Promise<readonly string[]> {
  const called = await usage.report({ ...daysOf(month), by: [] });
  const billed = await statements.list();
  return [...new Set([...called, ...billed].map(({ appid }) => appid))].sort();
}

function isEmpty({ endpoints, late, refused }: Statement): boolean {
  return endpoints.length + late.length + refused.length === 0;
}

function contentOf({ content }: StatementRow): Statement {
  return JSON.parse(content) as Statement;
}
