/** What the calls of a product and month cost. */
import { type Decimal, parseDecimal, plus, times, zero } from './decimal.ts';
import type { PriceStep, PriceTable } from './prices.ts';

/** Calls that cost the same each. */
export interface ChargedPart {
  readonly calls: number;
  /** As the price table has it. */
  readonly price: string;
  readonly amount: Decimal;
}

/** What the calls of a product and month cost. */
export interface Charge {
  /** Calls that cost nothing. */
  readonly free: number;
  /** The others. */
  readonly charged: number;
  /** The others by price; none if there are none. */
  readonly parts: readonly ChargedPart[];
  readonly amount: Decimal;
}

/**
 * Charges calls: the first ones of a month cost nothing. Bounds count all of them.
 * @param product has prices in the table.
 * @param calls how many there are: a whole number.
 */
export function charge({ tiers, products, ...table }: PriceTable, product: string, calls: number): Charge {
  const { prices, allowance = table.allowance } = products[product]!;
  const free = Math.min(calls, allowance);
  const spans = tiers === 'reached' ? [reached(prices, calls)] : prices.map((step, i) => between(prices[i - 1], step));
  const parts = spans.flatMap(({ after, upTo, price }) => {
    const count = Math.min(calls, upTo) - Math.max(free, after);
    return count > 0 ? [{ calls: count, price, amount: times(parseDecimal(price)!, count) }] : [];
  });
  return { free, charged: calls - free, parts, amount: parts.map(({ amount }) => amount).reduce(plus, zero) };
}

/** The calls that a price holds for: those after one number, up to another. */
interface Span {
  readonly after: number;
  readonly upTo: number;
  readonly price: string;
}

function reached(prices: readonly PriceStep[], calls: number): Span {
  const { price } = prices.find(({ upTo = Number.POSITIVE_INFINITY }) => calls <= upTo)!;
  return { after: 0, upTo: Number.POSITIVE_INFINITY, price };
}

function between(before: PriceStep | undefined, { upTo = Number.POSITIVE_INFINITY, price }: PriceStep): Span {
  return { after: before?.upTo ?? 0, upTo, price };
}
