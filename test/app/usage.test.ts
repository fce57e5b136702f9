import assert from 'node:assert/strict';
import test from 'node:test';
import { createMonth, usageReport } from '../../src/app/usage.ts';
import type { UsageRow } from '../../src/domain/stores.ts';

test('a month begins at midnight of its time zone, to the millisecond, also in a zone that is off by half an hour', () => {
  for (const [zone, begin] of [
    ['Asia/Shanghai', Date.UTC(2026, 6, 31, 16)],
    ['UTC', Date.UTC(2026, 7, 1)],
    ['Asia/Kolkata', Date.UTC(2026, 6, 31, 18, 30)],
    ['America/St_Johns', Date.UTC(2026, 7, 1, 2, 30)],
  ] as const) {
    let now = begin - 1;
    const month = createMonth(zone, () => now);
    assert.equal(month(), '2026-07', zone);
    now += 1;
    assert.equal(month(), '2026-08', zone);
    now += 59_999;
    assert.equal(month(), '2026-08', zone);
    now = begin - 1;
    assert.equal(month(), '2026-07', 'the clock may step back');
  }
});

test('a year begins with month 01', () => {
  assert.equal(createMonth('UTC', () => Date.UTC(2027, 0, 1))(), '2027-01');
  assert.equal(createMonth('UTC', () => Date.UTC(2027, 0, 1) - 1)(), '2026-12');
});

test('a report tells what each endpoint is charged as; one that is no more is told, uncharged', async () => {
  const row = (endpoint: string): UsageRow => ({
    ...{ appid: '1', month: '2026-11', endpoint },
    ...{ ok: 1, failed: 0, pictures: 1, faces: 1 },
  });
  const asked: unknown[] = [];
  const ledger = {
    count: () => assert.fail('a report counts nothing'),
    report: async (...words: unknown[]) => {
      asked.push(words);
      return [row('newperson'), row('getinfo'), row('retired'), row('toString')];
    },
  };
  const rows = await usageReport(ledger, '2026-11', '1');
  assert.deepEqual(asked, [['2026-11', '1']]);
  assert.deepEqual(
    rows.map(({ endpoint, products }) => [endpoint, products]),
    [
      ['newperson', ['verify', 'identify']],
      ['getinfo', []],
      ['retired', []],
      ['toString', []],
    ],
  );
  assert.deepEqual(rows[0], { ...row('newperson'), products: ['verify', 'identify'] });
});
