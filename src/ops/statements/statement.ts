/** The statement of a month: what an appid called, and what it costs. */
import { charge } from './charge.ts';
import { formatDecimal, plus, round, zero } from './decimal.ts';
import { type PriceTable, productNames } from './prices.ts';

/** How often an endpoint was answered with a code in a month. */
export interface MonthCount {
  /** `2026-11`. */
  readonly month: string;
  readonly endpoint: string;
  readonly code: number;
  readonly calls: number;
}

/** A product's part of a statement. */
export interface StatementLine {
  readonly product: string;
  /** Calls of the month that were answered with code 0. */
  readonly calls: number;
  /** The same of months before, which were counted after those had been closed. */
  readonly late: number;
  /** How many of both cost nothing. */
  readonly free: number;
  /** How many are charged. */
  readonly charged: number;
  /** Those by price; amounts are exact decimals. */
  readonly parts: readonly { readonly calls: number; readonly price: string; readonly amount: string }[];
  readonly amount: string;
}

/** The statement of a month; JSON as it is. */
export interface Statement {
  /** Raised when a program of today could not read what a later one writes. */
  readonly format: 1;
  readonly appid: string;
  /** `2026-11`. */
  readonly month: string;
  /** Whose months they are. */
  readonly timeZone: string;
  /** When the month was closed, after which the statement does not change; null before that. */
  readonly closedAt: string | null;
  readonly products: readonly StatementLine[];
  /** The exact sum. */
  readonly amount: string;
  /** The sum, rounded to the currency's digits. */
  readonly total: string;
  readonly currency: string;
  /** Calls of the month that were answered with code 0, by endpoint. */
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly calls: number;
    /** What they are charged as. */
    readonly products: readonly string[];
  }[];
  /** Calls of months before that were counted after those had been closed, answered with code 0. */
  readonly late: readonly { readonly month: string; readonly endpoint: string; readonly calls: number }[];
  /** Calls of the month that were answered with other codes, which cost nothing. */
  readonly refused: readonly { readonly code: number; readonly calls: number }[];
  /** The prices. */
  readonly prices: PriceTable;
}

/** What a statement is made of. */
export interface StatementParts {
  readonly appid: string;
  readonly month: string;
  readonly timeZone: string;
  readonly closedAt: string | null;
  readonly prices: PriceTable;
  /** All calls of the appid, up to the end of the month. */
  readonly counts: readonly MonthCount[];
  /** The statements of the appid's months that are closed. */
  readonly closed: readonly Statement[];
  /** The products that calls of an endpoint are charged as. */
  readonly productsOf: (endpoint: string) => readonly string[];
}

/** Makes the statement of a month. */
export function makeStatement({ counts, closed, productsOf, prices, ...about }: StatementParts): Statement {
  const ofMonth = counts.filter(({ month }) => month === about.month);
  const endpoints = addUp(
    ofMonth.filter(({ code }) => code === 0),
    ({ endpoint }) => endpoint,
  ).map(([endpoint, calls]) => ({ endpoint, calls, products: productsOf(endpoint) }));
  const late = lateCounts(counts, closed, about.month);
  const volume = (of: readonly { readonly endpoint: string; readonly calls: number }[], product: string): number =>
    of.reduce((sum, { endpoint, calls }) => sum + (productsOf(endpoint).includes(product) ? calls : 0), 0);
  const charges = productNames.map((product) => {
    const volumes = { calls: volume(endpoints, product), late: volume(late, product) };
    return { product, ...volumes, ...charge(prices, product, volumes.calls + volumes.late) };
  });
  const amount = charges.map((each) => each.amount).reduce(plus, zero);
  const refused = ofMonth.filter(({ code }) => code !== 0);
  return {
    format: 1,
    ...about,
    products: charges.map(({ parts, ...line }) => ({
      ...line,
      parts: parts.map((part) => ({ ...part, amount: formatDecimal(part.amount) })),
      amount: formatDecimal(line.amount),
    })),
    amount: formatDecimal(amount),
    total: formatDecimal(round(amount, prices.decimals)),
    currency: prices.currency,
    endpoints,
    late,
    refused: addUp(refused, ({ code }) => code).map(([code, calls]) => ({ code, calls })),
    prices,
  };
}

/**
 * The calls answered with code 0 of closed months before a month that no statement tells of yet. They were counted after the month was
 * closed, by a server that had lost touch with the database or whose clock was wrong.
 */
function lateCounts(counts: readonly MonthCount[], closed: readonly Statement[], month: string): Statement['late'] {
  const told = new Map<string, number>();
  const tell = (of: string, endpoint: string, calls: number): void => {
    const key = JSON.stringify([of, endpoint]);
    told.set(key, (told.get(key) ?? 0) + calls);
  };
  for (const statement of closed) {
    for (const { endpoint, calls } of statement.endpoints) tell(statement.month, endpoint, calls);
    for (const { month: of, endpoint, calls } of statement.late) tell(of, endpoint, calls);
  }
  const isClosed = new Set(closed.map((statement) => statement.month));
  const before = counts.filter((count) => count.month < month && count.code === 0 && isClosed.has(count.month));
  return addUp(before, (count) => JSON.stringify([count.month, count.endpoint]))
    .map(([key, calls]) => {
      const [of = '', endpoint = ''] = JSON.parse(key) as readonly string[];
      return { month: of, endpoint, calls: calls - (told.get(key) ?? 0) };
    })
    .filter(({ calls }) => calls > 0);
}

/** Calls by something, in its order. */
function addUp<K extends string | number>(
  counts: readonly MonthCount[],
  keyOf: (count: MonthCount) => K,
): readonly (readonly [K, number])[] {
  const sums = new Map<K, number>();
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.calls);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}
