/** What statements tell, and how they are written. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { productsOf } from '../../../src/app/usage.ts';
import { publishedPrices } from '../../../src/ops/statements/prices.ts';
import { renderStatement, statementFormats } from '../../../src/ops/statements/render.ts';
import { type MonthCount, makeStatement, type Statement } from '../../../src/ops/statements/statement.ts';
import { statementLanguages } from '../../../src/ops/statements/words.ts';

const november = '2026-11';
const count = (month: string, endpoint: string, calls: number, code = 0): MonthCount => ({
  month,
  endpoint,
  code,
  calls,
});

function statementOf(counts: readonly MonthCount[], month: string, closed: readonly Statement[] = []): Statement {
  const about = { appid: '1000001', month, timeZone: 'Asia/Shanghai' };
  return makeStatement({ ...about, closedAt: null, prices: publishedPrices, counts, closed, productsOf });
}

test('a call counts for each of its products, and calls that were refused for none', () => {
  const statement = statementOf(
    [
      count(november, 'newperson', 10_000),
      count(november, 'addface', 5_000),
      count(november, 'verify', 1),
      count(november, 'identify', 2),
      count(november, 'getinfo', 7),
      count(november, 'retired', 3),
      count(november, 'newperson', 100, -1302),
      count(november, 'verify', 20, -1302),
      count(november, 'verify', 3, 21),
      count('2026-10', 'detect', 9),
      count('2026-12', 'detect', 9),
    ],
    november,
  );
  const volumes = statement.products.map(({ product, calls, free, charged }) => [product, calls, free, charged]);
  assert.deepEqual(volumes, [
    ['detect', 0, 0, 0],
    ['shape', 0, 0, 0],
    ['compare', 0, 0, 0],
    ['verify', 15_001, 10_000, 5_001],
    ['identify', 15_002, 10_000, 5_002],
  ]);
  // 10,003 × 0.0032
  assert.deepEqual([statement.amount, statement.total, statement.currency], ['32.0096', '32.01', 'CNY']);
  assert.deepEqual(statement.refused, [
    { code: -1302, calls: 120 },
    { code: 21, calls: 3 },
  ]);
  assert.deepEqual(
    statement.endpoints.map(({ endpoint, calls }) => `${endpoint} ${calls}`),
    ['addface 5000', 'getinfo 7', 'identify 2', 'newperson 10000', 'retired 3', 'verify 1'],
  );
  assert.deepEqual(statement.late, []);
});

test('calls of a closed month that were counted later are told by one later statement, once', () => {
  const counts = [count('2026-09', 'detect', 5), count('2026-10', 'detect', 10_000), count(november, 'detect', 9_990)];
  const october = statementOf(counts, '2026-10');
  const late = [
    ...counts,
    count('2026-10', 'detect', 12),
    count('2026-10', 'verify', 1),
    count('2026-10', 'verify', 1, -1302),
    count('2026-09', 'detect', 4),
  ];
  const next = statementOf(late, november, [october]);
  // September was never closed: its own statement tells of its calls.
  assert.deepEqual(next.late, [
    { month: '2026-10', endpoint: 'detect', calls: 12 },
    { month: '2026-10', endpoint: 'verify', calls: 1 },
  ]);
  assert.deepEqual([next.products[0]?.calls, next.products[0]?.late, next.products[0]?.amount], [9_990, 12, '0.0010']);
  assert.deepEqual([next.products[3]?.calls, next.products[3]?.late], [0, 1]);
  assert.deepEqual(statementOf(late, '2026-12', [october, next]).late, []);
  const more = [...late, count('2026-10', 'detect', 1), count(november, 'shape', 2)];
  assert.deepEqual(statementOf(more, '2026-12', [october, next]).late, [
    { month: '2026-10', endpoint: 'detect', calls: 1 },
    { month: november, endpoint: 'shape', calls: 2 },
  ]);
  assert.deepEqual(statementOf(more, '2026-10', [next]).late, [], 'later months are no part of one before');
});

const everything = statementOf(
  [
    count('2026-10', 'detect', 2),
    count(november, 'detect', 3_000_000),
    count(november, 'newperson', 1_234),
    count(november, 'getinfo', 1),
    count(november, 'detect', 5, -1101),
    count(november, 'detect', 6, -1),
  ],
  november,
  [statementOf([count('2026-10', 'detect', 1)], '2026-10')],
);

test('a statement as text', () => {
  assert.equal(
    renderStatement({ ...everything, closedAt: '2026-12-01T00:00:00.000Z' }, 'text', 'en'),
    `Statement 2026-11

appid      1000001
month      2026-11
time zone  Asia/Shanghai
state      closed 2026-12-01T00:00:00.000Z

Charges

product                  calls  late    free    charged   price  amount (CNY)
face detection       3,000,000     1  10,000  2,990,001  0.0004    1,196.0004
face landmarks               0     0       0          0       –             0
face comparison              0     0       0          0       –             0
face verification        1,234     0   1,234          0       –             0
face identification      1,234     0   1,234          0       –             0
sum                                                                1,196.0004
total                                                                1,196.00

Calls answered with code 0

endpoint       calls  charged as
detect     3,000,000  face detection
getinfo            1  –
newperson      1,234  face verification, face identification

Late calls of months that were closed

month    endpoint  calls
2026-10  detect        1

Calls answered with other codes, which cost nothing

     code  calls
    -1101      5
not known      6

The price that the calls of a month reach holds for all of them.
Bounds count all calls of a product, the free ones too. A call of several products counts for each.
`,
  );
});

test('a statement in Chinese has its columns in line where characters are twice as wide', () => {
  const text = renderStatement(everything, 'text', 'zh');
  assert.match(
    text,
    /^账单 2026-11\n\nappid {2}1000001\n月份 {3}2026-11\n时区 {3}Asia\/Shanghai\n状态 {3}未结账：仍可能变化\n\n费用\n\n/,
  );
  assert.match(text, /\n人脸检测 {2}3,000,000 {5}1 {2}10,000 {2}2,990,001 {2}0\.0004 {2}1,196\.0004\n/);
  const [, charges = ''] = /费用\n\n([\s\S]*?)\n\n/.exec(text) ?? [];
  const widths = charges.split('\n').map((line) => line.length + (line.match(/[一-鿿]/g)?.length ?? 0));
  assert.equal(new Set(widths).size, 1, charges);
  assert.doesNotMatch(text, /[a-z]{3,} (calls|amount)/);
});

test('a statement as JSON is all of it, and each format is the same every time', () => {
  assert.deepEqual(JSON.parse(renderStatement(everything, 'json', 'en')), JSON.parse(JSON.stringify(everything)));
  for (const format of statementFormats) {
    for (const language of statementLanguages) {
      const again = JSON.parse(JSON.stringify(everything)) as Statement;
      assert.equal(renderStatement(again, format, language), renderStatement(everything, format, language));
    }
  }
});

test('a page has everything that the text has, asks for nothing, and takes no text for a tag', () => {
  const odd = { ...everything, appid: `<img src=x onerror="alert('1')">&` };
  for (const language of statementLanguages) {
    const page = renderStatement(odd, 'html', language);
    assert.doesNotMatch(page, /<(script|img|link|iframe|object|form)|href=|url\(|@import|https?:/i);
    assert.match(page, /default-src 'none'/);
    assert.ok(page.includes('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;'));
    assert.match(page, language === 'zh' ? /<html lang="zh-CN">/ : /<html lang="en">/);
    const words = (text: string) =>
      text
        .split(/\s{2,}|\n/)
        .map((word) => word.trim())
        .filter((word) => word !== '');
    for (const word of words(renderStatement({ ...odd, appid: '1' }, 'text', language)))
      assert.ok(page.includes(word), `${language}: ${word}`);
    const tags = [...page.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)].filter(([, , name]) => name !== 'meta');
    const open: string[] = [];
    for (const [, slash, name = ''] of tags) {
      if (slash === '') open.push(name);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, [], 'every tag is closed');
  }
});
