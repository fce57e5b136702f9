/** When a month can be closed, and for whom, over a register in memory. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { closeMonth, MonthError, type StatementSource, statementOf } from '../../src/app/statements.ts';
import type { UsageQuery, UsageRow } from '../../src/domain/stores.ts';
import type { Statements } from '../../src/store/statements.ts';
import type { StatementRow } from '../../src/store/tables.ts';

const hour = 60 * 60 * 1_000;
const count = (appid: string, month: string, endpoint: string, ok: number, failed = 0) => ({
  appid,
  month,
  endpoint,
  ok,
  failed,
});

/** Counts and statements in memory. */
function openSource(counts: readonly ReturnType<typeof count>[]) {
  const kept: StatementRow[] = [];
  const asked: UsageQuery[] = [];
  const report = async (query: UsageQuery): Promise<readonly UsageRow[]> => {
    asked.push(query);
    return counts
      .filter(({ appid, month }) =>
        query.appid === undefined || appid === query.appid
          ? `${month}-31` >= query.from && `${month}-01` <= query.to
          : false,
      )
      .map((row) => ({ ...row, code: row.ok > 0 ? 0 : -1101, pictures: 0, faces: 0 }));
  };
  const list = async (appid?: string) => kept.filter((row) => appid === undefined || row.appid === appid);
  const statements: Statements = {
    list,
    async close(appid, month, make) {
      const before = await list(appid);
      if (before.some((row) => row.month === month)) return undefined;
      const content = await make(before);
      if (content === undefined) return undefined;
      const row = { appid, month, content };
      kept.push(row);
      return row;
    },
  };
  return { usage: { report }, statements, asked } satisfies StatementSource & { asked: unknown };
}

test('a month is closed from an hour after its end on, in its own time zone', async () => {
  for (const [timeZone, end] of [
    ['Asia/Shanghai', Date.UTC(2026, 10, 30, 16)],
    ['UTC', Date.UTC(2026, 11, 1)],
    ['America/St_Johns', Date.UTC(2026, 11, 1, 3, 30)],
  ] as const) {
    const source = openSource([count('1', '2026-11', 'detect', 1)]);
    const request = { month: '2026-11', timeZone };
    for (const early of [end - 1, end, end + hour - 1])
      await assert.rejects(closeMonth(source, request, early), MonthError, timeZone);
    const { statements } = await closeMonth(source, request, end + hour);
    assert.deepEqual(
      statements.map(({ appid, closedAt }) => [appid, closedAt]),
      [['1', new Date(end + hour).toISOString()]],
    );
  }
});

test('a month of all is closed for each appid that called or has late calls, and once', async () => {
  const counts = [
    count('1', '2026-10', 'detect', 5),
    count('1', '2026-11', 'detect', 7),
    count('2', '2026-11', 'getinfo', 0, 3),
    count('3', '2026-10', 'verify', 1),
    count('4', '2026-12', 'verify', 1),
  ];
  const source = openSource(counts);
  const timeZone = 'UTC';
  const closed = async (month: string) => {
    const { statements, before } = await closeMonth(source, { month, timeZone }, Date.UTC(2027, 6));
    return { made: statements.map(({ appid }) => appid), before };
  };
  assert.deepEqual(await closed('2026-10'), { made: ['1', '3'], before: [] });
  counts.push(count('3', '2026-10', 'verify', 2));
  assert.deepEqual(await closed('2026-11'), { made: ['1', '2', '3'], before: [] });
  const statement = await statementOf(source, { appid: '3', month: '2026-11', timeZone });
  assert.deepEqual(statement.late, [{ month: '2026-10', endpoint: 'verify', calls: 2 }]);
  assert.deepEqual(await closed('2026-11'), { made: [], before: ['1', '2', '3'] });
  assert.ok(source.asked.every(({ to }) => /^2026-1[01]-3[01]$/.test(to)));
});
