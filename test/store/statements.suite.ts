/** What is guaranteed of the statements of closed months, whichever the database is. */
import assert from 'node:assert/strict';
import { guarantees, type Home } from './fixtures.ts';

/** Declares the tests of one database. */
export function statementsSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a statement that is kept never changes, and is listed by appid and month', async (stores, home) => {
    const { statements } = stores;
    const close = (appid: string, month: string, content: string | undefined) =>
      statements.close(appid, month, async () => content);
    const row = { appid: '1001', month: '2026-11', content: '{"总计":"1"}' };
    assert.deepEqual(await close(row.appid, row.month, row.content), row);
    assert.equal(await close(row.appid, row.month, 'other'), undefined);
    assert.equal(await close('1001', '2026-12', undefined), undefined);
    await close('1001', '2026-10', 'a');
    await close('0999', '2026-11', 'b');
    const before = { ...row, month: '2026-10', content: 'a' };
    const other = { ...row, appid: '0999', content: 'b' };
    assert.deepEqual(await statements.list(), [other, before, row]);
    await using again = await home.open();
    assert.deepEqual(await again.statements.list('1001'), [before, row]);
    assert.deepEqual(await again.statements.list('1002'), []);
  });

  guarantee('closings of one appid take turns, so that each knows of those before it', async (stores, home) => {
    await using others = await home.open();
    const months = ['2026-08', '2026-09', '2026-10', '2026-11'];
    const close = (month: string, i: number) =>
      [stores, others][i % 2]!.statements.close('1001', month, async (kept) => `${kept.length}`);
    const rows = await Promise.all([...months, ...months].map(close));
    assert.equal(rows.filter((row) => row !== undefined).length, months.length);
    const kept = await stores.statements.list('1001');
    assert.deepEqual(kept.map(({ content }) => content).toSorted(), ['0', '1', '2', '3']);
  });

  guarantee('a month whose statement cannot be made is not closed', async ({ statements }) => {
    const failing = statements.close('1001', '2026-11', () => Promise.reject(new Error('unmade')));
    await assert.rejects(failing, /unmade/);
    assert.deepEqual(await statements.list(), []);
    assert.notEqual(await statements.close('1001', '2026-11', async () => 'made'), undefined);
  });

  guarantee('who closes a month leaves a line in the audit, and who does not leaves none', async (stores) => {
    const { statements, audit } = stores;
    for (const content of [undefined, 'made', 'again']) await statements.close('1001', '2026-11', async () => content);
    const lines = await audit.reader.newest({ appid: '1001' }, 10);
    assert.deepEqual(
      lines.map(({ action, detail, code }) => ({ action, detail, code })),
      [{ action: 'statement close', detail: { month: '2026-11' }, code: 0 }],
    );
  });
}
