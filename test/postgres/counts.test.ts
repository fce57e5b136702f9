/** Calls are counted once, whenever the connection to the database is cut: nobody is told then whether a commit was done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { CountedCall } from '../../src/domain/stores.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { call, reportMonth } from '../store/fixtures.ts';
import { type PostgresHome, postgresHome } from './home.ts';
import { type CutOff, openProxy } from './proxy.ts';

/** Calls that are counted together, and a text of what is sent at the end. */
interface Together {
  readonly calls: readonly CountedCall[];
  readonly cutAt: string;
}

/** One row is one statement by itself. */
const statement: Together = { calls: [{ ...call, secretId: 'cut-here' }], cutAt: 'cut-here' };
const transaction: Together = { calls: [call, { ...call, endpoint: 'getinfo' }, call], cutAt: 'commit' };

test('calls whose statement never came to the database are counted once', () => countOnce(statement, 'lost'));
test('calls whose statement was done, and nobody heard of it, are counted once', () =>
  countOnce(statement, 'answer lost'));
test('calls whose statement comes after they were counted are counted once', () => countOnce(statement, 'late'));
test('calls whose commit never came to the database are counted once', () => countOnce(transaction, 'lost'));
test('calls whose commit was done, and nobody heard of it, are counted once', () =>
  countOnce(transaction, 'answer lost'));
test('calls whose commit comes while they are counted again are counted once', () => countOnce(transaction, 'late'));

/** Has calls counted over a connection that is cut: in rows that are new, and then in rows that are there. */
async function countOnce({ calls, cutAt }: Together, becomes: CutOff): Promise<void> {
  await using home = await postgresHome();
  const url = new URL(home.url);
  await using proxy = await openProxy(Number(url.port));
  url.port = String(proxy.port);
  await using stores = await openSharedStores({ url: url.href, masterKey, statementTimeoutMs: 60_000 });
  const count = () => Promise.all(calls.map((one) => stores.usage.count(one)));
  for (const round of [1, 2]) {
    const cutting = proxy.cut(cutAt, becomes);
    await assert.rejects(count(), /the database cannot be reached/);
    await cutting.isCut;
    const counting = count();
    if (becomes === 'late' && calls.length > 1) {
      // The transaction is still open, and has its rows.
      await until(home, `select 1 from pg_stat_activity where wait_event_type = 'Lock'`);
      await cutting.arrive();
      await counting;
    } else {
      await counting;
      await cutting.arrive();
    }
    const counted = (await reportMonth(stores.usage)).reduce((sum, { ok }) => sum + ok, 0);
    assert.equal(counted, 2 * round * calls.length);
  }
}

async function until(home: PostgresHome, query: string): Promise<void> {
  while ((await home.ask(query)).length === 0) await setTimeout(10);
}
