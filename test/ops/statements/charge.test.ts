/** What calls cost is decided exactly, against an oracle that charges one call after the other in whole numbers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { charge } from '../../../src/ops/statements/charge.ts';
import { formatDecimal, parseDecimal, plus, round, times } from '../../../src/ops/statements/decimal.ts';
import { type PriceTable, publishedPrices } from '../../../src/ops/statements/prices.ts';

/** A price in millionths, as a decimal. */
const spelled = (millionths: number): string =>
  `${Math.floor(millionths / 1e6)}.${String(millionths % 1e6).padStart(6, '0')}`;

/** A product of few calls with close bounds, its prices in millionths. */
const product = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 5, maxLength: 5 }),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([bounds, prices, allowance]) => ({
    allowance,
    steps: [...bounds.toSorted((a, b) => a - b), undefined].map((upTo, i) => ({ upTo, price: prices[i]! })),
  }));

/** The cost in millionths, and how many calls are charged: each call by itself. */
function oracle(
  { allowance, steps }: { allowance: number; steps: readonly { upTo: number | undefined; price: number }[] },
  tiers: PriceTable['tiers'],
  calls: number,
): { readonly cost: bigint; readonly charged: number } {
  let [cost, charged] = [0n, 0];
  for (let call = 1; call <= calls; call++) {
    if (call <= allowance) continue;
    const position = tiers === 'reached' ? calls : call;
    let price = 0;
    for (const step of steps.toReversed()) if (step.upTo === undefined || position <= step.upTo) price = step.price;
    cost += BigInt(price);
    charged += 1;
  }
  return { cost, charged };
}

test('whatever the tiers, the bounds and the allowance, calls cost what they cost one by one', () => {
  fc.assert(
    fc.property(product, fc.constantFrom('reached', 'graduated'), fc.nat(200), (drawn, tiers, calls) => {
      const prices = drawn.steps.map(({ upTo, price }) => ({ upTo, price: spelled(price) }));
      const table = { ...publishedPrices, tiers, products: { detect: { allowance: drawn.allowance, prices } } };
      const { free, charged, parts, amount } = charge(table, 'detect', calls);
      const expected = oracle(drawn, tiers, calls);
      assert.equal(charged, expected.charged);
      assert.equal(free + charged, calls);
      assert.equal(
        parts.reduce((sum, part) => sum + part.calls, 0),
        charged,
      );
      assert.equal(amount.units * 10n ** BigInt(6 - amount.scale), expected.cost);
      assert.ok(tiers === 'graduated' || parts.length <= 1);
    }),
    { numRuns: 2_000 },
  );
});

test('the published list: 10,000 calls are free, and the price that a month reaches holds for all of them', () => {
  const cost = (product: string, calls: number) => formatDecimal(charge(publishedPrices, product, calls).amount);
  for (const [product, calls, amount] of [
    ['detect', 0, '0'],
    ['detect', 10_000, '0'],
    ['detect', 10_001, '0.0005'],
    ['detect', 3_000_000, '1495.0000'],
    ['detect', 3_000_001, '1196.0004'],
    ['detect', 15_000_000, '5996.0000'],
    ['detect', 15_000_001, '4497.0003'],
    ['shape', 3_000_000, '5980.000'],
    ['shape', 3_000_001, '5382.0018'],
    ['shape', 15_000_001, '22485.0015'],
    ['compare', 10_001, '0.0032'],
    ['verify', 3_000_001, '8970.003'],
    ['identify', 15_000_001, '40473.0027'],
  ] as const)
    assert.equal(cost(product, calls), amount, `${product} ${calls}`);
});

test('decimals are exact, and rounded from the middle up', () => {
  for (const text of ['0', '0.0005', '12', '999999999999.999999999999', '1.50']) {
    assert.equal(formatDecimal(parseDecimal(text)!), text);
  }
  for (const text of [
    '',
    '.5',
    '5.',
    '-1',
    '+1',
    '1e3',
    '0x1',
    ' 1',
    '1,5',
    '1.2.3',
    '1234567890123',
    '0.1234567890123',
    '１',
  ])
    assert.equal(parseDecimal(text), undefined, text);
  const rounded = (text: string, scale: number) => formatDecimal(round(parseDecimal(text)!, scale));
  for (const [text, scale, expected] of [
    ['0.005', 2, '0.01'],
    ['0.0049', 2, '0.00'],
    ['1.995', 2, '2.00'],
    ['2', 2, '2.00'],
    ['2.5', 0, '3'],
    ['2.4', 0, '2'],
  ] as const)
    assert.equal(rounded(text, scale), expected, text);
  // A floating-point sum of it is 0.30000000000000004.
  assert.equal(formatDecimal(plus(parseDecimal('0.1')!, parseDecimal('0.2')!)), '0.3');
  assert.equal(
    formatDecimal(times(parseDecimal('0.0027')!, 2 ** 53 - 1)),
    formatDecimal({ units: 27n * (2n ** 53n - 1n), scale: 4 }),
  );
});
