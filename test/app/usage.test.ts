import assert from 'node:assert/strict';
import test from 'node:test';
import { createDay, daysOf, isDay, isMonth } from '../../src/app/calendar.ts';
import { usageReport } from '../../src/app/usage.ts';
import type { UsageQuery, UsageRow } from '../../src/domain/stores.ts';

test('a day begins at midnight of its time zone, to the millisecond, also in a zone that is off by half an hour', () => {
  for (const [zone, begin] of [
    ['Asia/Shanghai', Date.UTC(2026, 6, 31, 16)],
    ['UTC', Date.UTC(2026, 7, 1)],
    ['Asia/Kolkata', Date.UTC(2026, 6, 31, 18, 30)],
    ['America/St_Johns', Date.UTC(2026, 7, 1, 2, 30)],
  ] as const) {
    let now = begin - 1;
    const day = createDay(zone, () => now);
    assert.equal(day(), '2026-07-31', zone);
    now += 1;
    assert.equal(day(), '2026-08-01', zone);
    now += 59_999;
    assert.equal(day(), '2026-08-01', zone);
    now = begin - 1;
    assert.equal(day(), '2026-07-31', 'the clock may step back');
  }
});

test('a year begins with the first of January', () => {
  assert.equal(createDay('UTC', () => Date.UTC(2027, 0, 1))(), '2027-01-01');
  assert.equal(createDay('UTC', () => Date.UTC(2027, 0, 1) - 1)(), '2026-12-31');
});

test('the days of a month are those of the calendar, and no others are days', () => {
  assert.deepEqual(daysOf('2026-11'), { from: '2026-11-01', to: '2026-11-30' });
  assert.deepEqual(daysOf('2028-02'), { from: '2028-02-01', to: '2028-02-29' });
  for (const day of ['2026-11-01', '2026-11-30', '2028-02-29', '2026-12-31']) assert.ok(isDay(day), day);
  for (const day of ['2026-11-00', '2026-11-31', '2026-02-29', '2026-13-01', '2026-1-01', '2026-11', '2026-11-30 ', ''])
    assert.ok(!isDay(day), day);
  for (const month of ['2026-01', '2026-12']) assert.ok(isMonth(month), month);
  for (const month of ['2026-00', '2026-13', '2026-1', '2026-11\n', '2026-11-01', ''])
    assert.ok(!isMonth(month), month);
});

const counted = (endpoint: string, ok = 1): UsageRow => ({
  ...{ appid: '1', endpoint },
  ...{ ok, failed: 2, pictures: 3, faces: 4 },
});

/** A ledger that answers with some rows, and keeps what it was asked. */
function ledgerOf(rows: readonly UsageRow[]) {
  const asked: UsageQuery[] = [];
  const report = async (query: UsageQuery) => {
    asked.push(query);
    return rows;
  };
  return { asked, report };
}

test('a report tells what each endpoint is charged as; one that is no more is told, uncharged', async () => {
  const ledger = ledgerOf([counted('newperson'), counted('getinfo'), counted('retired'), counted('toString')]);
  const november = { ...daysOf('2026-11'), appid: '1' };
  const rows = await usageReport(ledger, { ...november, by: ['endpoint'] });
  assert.deepEqual(ledger.asked, [{ ...november, by: ['endpoint'] }]);
  assert.deepEqual(
    rows.map(({ endpoint, products }) => [endpoint, products]),
    [
      ['newperson', ['verify', 'identify']],
      ['getinfo', []],
      ['retired', []],
      ['toString', []],
    ],
  );
  assert.deepEqual(rows[0], { ...counted('newperson'), products: ['verify', 'identify'] });
});

test('by product a call counts for each of its products, and one without any for none', async () => {
  const ledger = ledgerOf([counted('addface', 10), counted('getinfo', 100), counted('verify', 1)]);
  const rows = await usageReport(ledger, { ...daysOf('2026-11'), by: ['product'] });
  const sums = { failed: 4, pictures: 6, faces: 8 };
  assert.deepEqual(rows, [
    { appid: '1', product: 'verify', ok: 11, ...sums },
    { appid: '1', product: 'identify', ok: 10, failed: 2, pictures: 3, faces: 4 },
  ]);
});
