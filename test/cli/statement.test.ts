import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { createDay } from '../../src/app/calendar.ts';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { publishedPrices } from '../../src/ops/statements/prices.ts';
import { call } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

let folder: string;
let data: string;
let prices: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-statement-'));
  [data, prices] = [join(folder, 'data'), join(folder, 'prices.json')];
  const dear = { prices: [{ upTo: 2, price: '1.005' }, { price: '0.5' }] };
  const table = { ...publishedPrices, currency: 'EUR', tiers: 'graduated', allowance: 1 };
  await writeFile(prices, JSON.stringify({ ...table, products: { ...publishedPrices.products, detect: dear } }));
  const month = { ...call, day: '2025-03-07' };
  await count(month, month, month, { ...month, code: -1101 }, { ...month, appid: '7' });
});
after(() => rm(folder, { recursive: true }));

/** Counts calls as a server does. */
async function count(...calls: readonly (typeof call)[]): Promise<void> {
  await using stores = await openData(readSettings({ data }, undefined, {}));
  for (const each of calls) await stores.usage.count(each);
}

const statement = (...words: string[]) => runHere('statement', '--data', data, ...words);
const close = (...words: string[]) => runHere('statement', 'close', '--data', data, ...words);
const march = ['--month', '2025-03', '--appid', '1001'];

test('the statement of a month that is not closed tells what was counted so far, at the published prices', async () => {
  const { exitCode, output, errors } = await statement(...march);
  assert.deepEqual([exitCode, errors], [0, '']);
  assert.match(output, /^Statement 2025-03\n\nappid {6}1001\n/);
  assert.match(output, /\nstate {6}open: it may still change\n/);
  assert.match(output, /\nface detection +3 +0 +3 +0 +– +0\n/);
  const json = JSON.parse((await statement(...march, '--format', 'json')).output);
  assert.deepEqual([json.total, json.currency, json.closedAt], ['0.00', 'CNY', null]);
  assert.match((await statement(...march, '--language', 'zh')).output, /^账单 2025-03\n/);
  assert.match(
    (await statement(...march, '--format', 'html', '--language', 'zh')).output,
    /^<!doctype html>[\s\S]*<h1>账单 2025-03<\/h1>/,
  );
});

test('a price table of the operator’s own holds', async () => {
  const json = JSON.parse((await statement(...march, '--prices', prices, '--format', 'json')).output);
  // One is free, one at 1.005, one at 0.5.
  assert.deepEqual([json.amount, json.total, json.currency], ['1.505', '1.51', 'EUR']);
});

test('a closed month stays what it was to the byte, and what comes late is told by a later one', async () => {
  const closed = await close('--month', '2025-03', '--prices', prices, '--json');
  assert.deepEqual([closed.exitCode, closed.errors], [0, '']);
  const rows = [
    { appid: '1001', month: '2025-03', total: '1.51', currency: 'EUR' },
    { appid: '7', month: '2025-03', total: '0.00', currency: 'EUR' },
  ];
  assert.deepEqual(JSON.parse(closed.output), { closed: rows, before: [] });
  const formats = ['text', 'json', 'html'].flatMap((format) => ['en', 'zh'].map((language) => [format, language]));
  const print = async () =>
    Promise.all(
      formats.map(
        async ([format = '', language = '']) =>
          (await statement(...march, '--format', format, '--language', language)).output,
      ),
    );
  const printed = await print();
  assert.match(printed[0]!, /\nstate {6}closed 20\d\d-/);
  await count({ ...call, day: '2025-03-31' }, { ...call, day: '2025-04-01' });
  assert.deepEqual(await print(), printed);
  const again = await close('--month', '2025-03', '--json');
  assert.deepEqual(JSON.parse(again.output), { closed: [], before: ['1001', '7'] });
  assert.deepEqual(await print(), printed);
  const april = JSON.parse((await statement('--month', '2025-04', '--appid', '1001', '--format', 'json')).output);
  assert.deepEqual(april.late, [{ month: '2025-03', endpoint: 'detect', calls: 1 }]);
  assert.deepEqual([april.products[0].calls, april.products[0].late], [1, 1]);
  const one = await close('--month', '2025-04', '--appid', '1001');
  assert.match(one.output, /^appid {2}month {4}total {2}currency\n1001 {3}2025-04 {2}0\.00 {3}CNY\n$/);
  const may = JSON.parse((await statement('--month', '2025-05', '--appid', '1001', '--format', 'json')).output);
  assert.deepEqual(may.late, []);
  const other = await statement(...march, '--prices', prices);
  assert.deepEqual([other.exitCode, other.output], [1, '']);
  assert.match(other.errors, /2025-03 of 1001 is closed, with its prices/);
});

test('a month that may go on is not closed', async () => {
  const month = createDay('Asia/Shanghai', Date.now)().slice(0, 7);
  for (const each of [month, '9999-12']) {
    const { exitCode, errors } = await close('--month', each);
    assert.equal(exitCode, 1);
    assert.match(errors, /cannot be closed before it has been over for an hour \(Asia\/Shanghai\)/);
  }
});

test('a month without a call of anybody has nothing to be closed, but that of one appid can be', async () => {
  assert.equal((await close('--month', '2020-01')).output, 'Nothing of 2020-01 was to be closed.\n');
  assert.match((await close('--month', '2020-01', '--appid', '7')).output, /^appid[\s\S]*\n7 +2020-01 +0\.00 +CNY\n$/);
  assert.equal(
    (await close('--month', '2020-01', '--appid', '7')).output,
    'Nothing of 2020-01 was to be closed.\nIt was closed before for 7.\n',
  );
});

test('what is asked for in a way that cannot be is not understood, and the message says what is wrong', async () => {
  await writeFile(join(folder, 'wrong.json'), '{"currency":"EUR"}');
  for (const [words, message] of [
    [['--appid', '1001'], /--month is missing/],
    [['--month', '2025-13', '--appid', '1001'], /spell it as 2026-11/],
    [['--month', '2025-03'], /--appid is missing/],
    [[...march, '--format', 'pdf'], /Allowed choices are text, json, html/],
    [[...march, '--language', 'fr'], /Allowed choices are en, zh/],
    [
      [...march, '--prices', join(folder, 'wrong.json')],
      /wrong\.json: tiers is missing\n.*wrong\.json: allowance is missing/,
    ],
    [['close', '--month', '2025-1'], /spell it as 2026-11/],
    [['close', '--month', '2025-03', '--prices', join(folder, 'wrong.json')], /wrong\.json: tiers is missing/],
  ] as const) {
    const { exitCode, output, errors } = await runHere('statement', ...words);
    assert.deepEqual([exitCode, output], [2, ''], words.join(' '));
    assert.match(errors, message, words.join(' '));
  }
  const absent = await statement(...march, '--prices', join(folder, 'absent.json'));
  assert.equal(absent.exitCode, 1);
  assert.match(absent.errors, /ENOENT/);
  for (const words of [march, ['close', ...march]]) {
    const { exitCode, errors } = await runHere('statement', ...words, '--data', join(folder, 'nothing'));
    assert.equal(exitCode, 1);
    assert.match(errors, /there is no register in/);
  }
});
