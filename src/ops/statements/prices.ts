/** Price tables: what calls cost, by product and by how many there are in a month. */
import { z } from 'zod';
import { digitsMax, parseDecimal } from './decimal.ts';

/** The price of a call up to a number of calls; without a number, of every call beyond. */
export interface PriceStep {
  /** The last call of a month that it holds for. */
  readonly upTo?: number | undefined;
  /** Of one call: an exact decimal, `0.0005`. */
  readonly price: string;
}

/** What the calls of a product cost. */
export interface ProductPrices {
  /** Calls of a month that cost nothing, if not as many as of other products. */
  readonly allowance?: number | undefined;
  /** With rising bounds; the last has none. */
  readonly prices: readonly PriceStep[];
}

/** A price table. Bounds count every call of a month, those that cost nothing too. */
export interface PriceTable {
  /** ISO 4217. */
  readonly currency: string;
  /** Digits after the point that the total is rounded to. */
  readonly decimals: number;
  /** `reached`: the price that a month reaches holds for all of its calls. `graduated`: each price holds for the calls up to its bound. */
  readonly tiers: 'reached' | 'graduated';
  /** Calls of a product and month that cost nothing. */
  readonly allowance: number;
  readonly products: Readonly<Record<string, ProductPrices>>;
}

/** The bounds of the published list: 3 and 15 million calls. */
const published = (first: string, second: string, third: string): ProductPrices => ({
  prices: [{ upTo: 3_000_000, price: first }, { upTo: 15_000_000, price: second }, { price: third }],
});

/** What Tencent Cloud charged for 万象优图, in yuan: the published list of the service. */
export const publishedPrices: PriceTable = {
  currency: 'CNY',
  decimals: 2,
  tiers: 'reached',
  allowance: 10_000,
  products: {
    detect: published('0.0005', '0.0004', '0.0003'),
    shape: published('0.002', '0.0018', '0.0015'),
    compare: published('0.0032', '0.003', '0.0027'),
    verify: published('0.0032', '0.003', '0.0027'),
    identify: published('0.0032', '0.003', '0.0027'),
  },
};

/** The products that every table has prices of, in the order of statements. */
export const productNames: readonly string[] = Object.keys(publishedPrices.products);

/** Counts are exact up to 2^53; a bound need not be larger than this. */
const countMax = 1_000_000_000_000;
const allowance = z.int('is not a whole number').min(0, 'is negative').max(countMax, `is over ${countMax}`);

const step = z.strictObject({
  upTo: z.int('is not a whole number').min(1, 'is less than 1').max(countMax, `is over ${countMax}`).optional(),
  price: z
    .string('is not a text: write it in quotes, as "0.0005", so that no digit is lost')
    .refine(
      (text) => parseDecimal(text) !== undefined,
      `is no decimal as "0.0005", of ${digitsMax} digits at most on either side of the point`,
    ),
});

const productPrices = z.strictObject({
  allowance: allowance.optional(),
  prices: z.array(step).min(1, 'is empty').max(100, 'has more than 100 steps').superRefine(checkBounds),
});

function checkBounds(steps: readonly PriceStep[], context: z.RefinementCtx): void {
  for (const [i, { upTo }] of steps.entries()) {
    const [isLast, before] = [i === steps.length - 1, steps[i - 1]?.upTo];
    const fault = (message: string) => context.addIssue({ code: 'custom', path: [i, 'upTo'], message });
    if (isLast && upTo !== undefined) fault('is set: the last price holds for every call beyond, so it has no bound');
    if (!isLast && upTo === undefined) fault('is missing: only the last price has no bound');
    if (upTo !== undefined && before !== undefined && upTo <= before) fault('is not larger than the bound before it');
  }
}

const schema = z.strictObject({
  currency: z.string('is not a text').regex(/^[A-Z]{3}$/, 'is no currency code as CNY'),
  decimals: z.int('is not a whole number').min(0, 'is negative').max(6, 'is over 6').default(2),
  tiers: z.enum(['reached', 'graduated'], 'is neither "reached" nor "graduated"'),
  allowance,
  products: z.strictObject(Object.fromEntries(productNames.map((name) => [name, productPrices]))),
});

/** Says everything that is wrong with a price table, one line a fault. */
export class PriceTableError extends Error {
  override readonly name = 'PriceTableError';
}

/**
 * Reads a price table.
 * @param text JSON.
 * @param origin what to call it in messages.
 * @throws PriceTableError
 */
export function readPriceTable(text: string, origin: string): PriceTable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PriceTableError(`${origin} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new PriceTableError(read.error.issues.map((issue) => `${origin}: ${describe(issue, value)}`).join('\n'));
}

/** What is wrong, and where. */
function describe({ code, path, message, ...issue }: z.core.$ZodIssue, table: unknown): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  const name = place.join('').slice(1);
  if (code === 'unrecognized_keys') {
    const { keys } = issue as unknown as { readonly keys: readonly string[] };
    return `${name === '' ? '' : `${name} `}has ${keys.join(', ')}, which is not known`;
  }
  const isMissing = code !== 'custom' && valueAt(table, path) === undefined;
  return `${name === '' ? 'it' : name} ${isMissing ? 'is missing' : message}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((part, key) => (part as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key], value);
}
