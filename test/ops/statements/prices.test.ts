/** A price table that is wrong says where and how, all faults at once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { endpoints } from '../../../src/contract/endpoints.ts';
import { PriceTableError, productNames, publishedPrices, readPriceTable } from '../../../src/ops/statements/prices.ts';

/** The published list, with something else in it. */
const tableOf = (changes: object, detect?: unknown) => ({
  ...publishedPrices,
  ...changes,
  ...(detect !== undefined && { products: { ...publishedPrices.products, detect } }),
});

test('the published list has prices of every product that an endpoint is charged as, and is a table as others are', () => {
  const declared = new Set(Object.values(endpoints).flatMap(({ products }) => products as readonly string[]));
  assert.deepEqual([...productNames].sort(), [...declared].sort());
  assert.deepEqual(readPriceTable(JSON.stringify(publishedPrices), 'p.json'), publishedPrices);
  const { decimals: _, ...rest } = publishedPrices;
  assert.deepEqual(readPriceTable(JSON.stringify(rest), 'p.json').decimals, 2);
});

test('what is wrong with a table is told by place', () => {
  const graduated = tableOf(
    { tiers: 'graduated' },
    { allowance: 0, prices: [{ upTo: 5, price: '1' }, { price: '0' }] },
  );
  assert.deepEqual(readPriceTable(JSON.stringify(graduated), 'p.json'), graduated);
  for (const [table, message] of [
    [[], /^p\.json: it Invalid input: expected object, received array$/],
    [tableOf({ currency: 'yuan' }), /^p\.json: currency is no currency code as CNY$/],
    [tableOf({ currency: undefined }), /^p\.json: currency is missing$/],
    [tableOf({ decimals: 7 }), /^p\.json: decimals is over 6$/],
    [tableOf({ decimals: 1.5 }), /^p\.json: decimals is not a whole number$/],
    [tableOf({ tiers: 'steps' }), /^p\.json: tiers is neither "reached" nor "graduated"$/],
    [tableOf({ allowance: -1 }), /^p\.json: allowance is negative$/],
    [tableOf({ allowance: '10' }), /^p\.json: allowance is not a whole number$/],
    [tableOf({ discount: 5 }), /^p\.json: has discount, which is not known$/],
    [
      tableOf({ products: {} }),
      /^p\.json: products\.detect is missing.*\n(.*\n){3}p\.json: products\.identify is missing/,
    ],
    [
      tableOf({ products: { ...publishedPrices.products, ocr: {} } }),
      /^p\.json: products has ocr, which is not known$/,
    ],
    [tableOf({}, { prices: [] }), /^p\.json: products\.detect\.prices is empty$/],
    [
      tableOf({}, { prices: [{ price: 0.0005 }] }),
      /^p\.json: products\.detect\.prices\[0\]\.price is not a text: write it in quotes/,
    ],
    [tableOf({}, { prices: [{ price: '-1' }] }), /prices\[0\]\.price is no decimal as "0\.0005"/],
    [tableOf({}, { prices: [{ price: '1e3' }] }), /prices\[0\]\.price is no decimal/],
    [
      tableOf({}, { prices: [{ upTo: 5, price: '1' }] }),
      /prices\[0\]\.upTo is set: the last price holds for every call/,
    ],
    [tableOf({}, { prices: [{ price: '1' }, { price: '1' }] }), /prices\[0\]\.upTo is missing: only the last price/],
    [
      tableOf({}, { prices: [{ upTo: 5, price: '1' }, { upTo: 5, price: '1' }, { price: '1' }] }),
      /prices\[1\]\.upTo is not larger than the bound before it$/,
    ],
    [tableOf({}, { prices: [{ upTo: 0, price: '1' }, { price: '1' }] }), /prices\[0\]\.upTo is less than 1/],
    [
      tableOf({ currency: 'x', tiers: 'y' }, { prices: [] }),
      /^p\.json: currency .*\np\.json: tiers .*\np\.json: products/,
    ],
  ] as const) {
    assert.throws(
      () => readPriceTable(JSON.stringify(table), 'p.json'),
      (error) => error instanceof PriceTableError && message.test(error.message),
      String(message),
    );
  }
  assert.throws(() => readPriceTable('{', 'p.json'), /^PriceTableError: p\.json is no JSON: /);
});
