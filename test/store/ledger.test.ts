/** Calls are counted in few transactions; what was answered as counted must be in one of them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CompiledQuery } from 'kysely';
import type { CountedCall } from '../../src/domain/stores.ts';
import { Transactions } from '../../src/store/database.ts';
import { openSqlite } from '../../src/store/dialects/sqlite/database.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { type Stores, storesOver } from '../../src/store/stores.ts';
import type { CallTables } from '../../src/store/tables.ts';
import { type Hold, hold } from '../hold.ts';
import { masterKey } from '../master-key.ts';
import { call, reportMonth } from './fixtures.ts';
import { openHeld } from './held-database.ts';
import { sqliteHome } from './sqlite-home.ts';

const timeout = 20_000;

/** Opens stores over a database whose next commit is stopped by `hold`. */
async function open(t: TestContext) {
  const home = await sqliteHome();
  const database = await openHeld(home.file);
  const stores = await storesOver(database, 10_000, { masterKey });
  const held: Hold[] = [];
  t.after(async () => {
    for (const commit of held) commit.end();
    await stores[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });
  return {
    database,
    stores,
    hold(): Hold {
      const commit = hold();
      held.push(commit);
      database.beforeCommit = commit.pass;
      return commit;
    },
  };
}

/** How many calls are counted as answered well. */
async function counted({ usage }: Stores): Promise<number> {
  const rows = await reportMonth({ report: (query) => usage.report(query) });
  return rows.reduce((sum, { ok }) => sum + ok, 0);
}

test('a call that comes while others are being written is counted before it is answered', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  const commit = hold();
  const first = stores.usage.count(call);
  await commit.reached;
  const second = stores.usage.count(call);
  commit.end();
  await first;
  await second;
  assert.equal(await counted(stores), 2);
});

test('calls that come while others are being written share one transaction', { timeout }, async (t) => {
  const { database, stores, hold } = await open(t);
  const commit = hold();
  const first = stores.usage.count(call);
  await commit.reached;
  let commits = 0;
  database.beforeCommit = async () => {
    commits += 1;
  };
  const others: Promise<void>[] = [];
  for (let i = 0; i < 5; i++) {
    others.push(stores.usage.count(call));
    await setImmediate();
  }
  commit.end();
  await Promise.all([first, ...others]);
  assert.equal(commits, 1);
  assert.equal(await counted(stores), 6);
});

test('a call is answered only when its count is durable', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  const commit = hold();
  const events: string[] = [];
  const answered = stores.usage.count(call).then(() => events.push('answered'));
  await commit.reached;
  // Another thread starts, reads and answers meanwhile: time enough for a call that waits for nothing.
  await stores.countFaces('any model');
  events.push('committed');
  commit.end();
  await answered;
  assert.deepEqual(events, ['committed', 'answered']);
});

test('a commit that fails is told to the callers of its counts, and to nobody after them', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  const commit = hold();
  const failed = Object.assign(new Error('disk I/O error'), { errcode: 10 });
  const lost = assert.rejects(stores.usage.count(call), failed);
  const alsoLost = assert.rejects(stores.usage.count(call), failed);
  await commit.reached;
  const waiting = stores.usage.count(call);
  commit.end(failed);
  await lost;
  await alsoLost;
  await waiting;
  assert.equal(await counted(stores), 3, 'what was to be counted goes along with the next counts');
  await stores.usage.count(call);
  assert.equal(await counted(stores), 4);
});

test('counts whose commit failed are tried once more when the server stops', { timeout }, async (t) => {
  const home = await sqliteHome();
  t.after(() => home[Symbol.asyncDispose]());
  {
    const database = await openHeld(home.file);
    await using stores = await storesOver(database, 10_000, { masterKey });
    const failed = Object.assign(new Error('disk I/O error'), { errcode: 10 });
    database.beforeCommit = async () => {
      database.beforeCommit = async () => {};
      throw failed;
    };
    await assert.rejects(stores.usage.count(call), failed);
    assert.equal(await counted(stores), 0);
  }
  await using stores = await home.open();
  assert.equal(await counted(stores), 1);
});

test('counts whose commit failed are tried again although no call comes', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const commit = hold();
  const failed = Object.assign(new Error('disk I/O error'), { errcode: 10 });
  const lost = assert.rejects(stores.usage.count(call), failed);
  await commit.reached;
  commit.end(failed);
  await lost;
  const again = hold();
  const alsoLost = assert.rejects(stores.usage.count(call), failed);
  await again.reached;
  again.end(failed);
  await alsoLost;
  assert.equal(await counted(stores), 0);
  t.mock.timers.tick(5_000);
  while ((await counted(stores)) < 2) await setImmediate();
});

test('counts that the database will not take are not tried again with those of others', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  const commit = hold();
  const odd = new Error('a value is out of range');
  const lost = assert.rejects(stores.usage.count(call), odd);
  await commit.reached;
  commit.end(odd);
  await lost;
  await stores.usage.count(call);
  assert.equal(await counted(stores), 1);
});

test('closing waits for counts that wait for others', { timeout }, async (t) => {
  const { stores, hold } = await open(t);
  const commit = hold();
  const first = stores.usage.count(call);
  await commit.reached;
  const second = stores.usage.count(call);
  const closed = stores[Symbol.asyncDispose]();
  commit.end();
  await Promise.all([first, second, closed]);
});

test('calls of many appids, months and endpoints at once are each counted where they belong', {
  timeout,
}, async (t) => {
  const { stores } = await open(t);
  const calls: CountedCall[] = Array.from({ length: 2_000 }, (_, i) => ({
    appid: `appid-${i % 1_000}`,
    day: i < 1_000 ? '2026-11-30' : '2026-12-01',
    secretId: `key-${i % 3}`,
    endpoint: i % 2 ? 'detect' : 'compare',
    code: i % 3 > 0 ? 0 : -1303,
    pictures: i,
    faces: 2 * i,
  }));
  // As many rows as two statements take.
  await Promise.all([...calls, ...calls].map((one) => stores.usage.count(one)));
  for (const month of ['2026-11', '2026-12']) {
    const expected = calls.filter((one) => one.day.startsWith(month));
    const rows = await reportMonth(stores.usage, month);
    assert.equal(rows.length, expected.length);
    for (const { appid, endpoint, code, pictures, faces } of expected) {
      const row = rows.find((one) => one.appid === appid);
      assert.deepEqual(row, {
        appid,
        month,
        endpoint,
        ok: code === 0 ? 2 : 0,
        failed: code === 0 ? 0 : 2,
        pictures: 2 * pictures,
        faces: 2 * faces,
      });
    }
  }
});

test('the counts of one transaction are written in one order, in whichever they came', { timeout }, async () => {
  await using home = await sqliteHome();
  await using database = await openSqlite({ file: home.file, busyTimeoutMs: 5_000 });
  const written: string[][] = [];
  const handles = {
    ...database.calls,
    commit: async (queries: readonly CompiledQuery[]) => {
      written.push(queries.map(({ parameters }) => [0, 1, 3].map((i) => parameters[i]).join(' ')));
    },
  };
  const ledger = new Ledger(
    database.calls.reader,
    database.reader,
    new Transactions<CallTables>(handles, 5_000),
    database,
    {
      commit: async () => {},
    },
  );
  const calls = ['b', 'a', 'c'].flatMap((appid) =>
    ['verify', 'detect'].map((endpoint) => ({ ...call, appid, endpoint })),
  );
  const inOrder = ['a', 'b', 'c'].flatMap((appid) => [`${appid} ${call.day} detect`, `${appid} ${call.day} verify`]);
  for (const order of [calls, calls.toReversed()]) {
    await Promise.all(order.map((one) => ledger.count(one)));
    assert.deepEqual(written.pop(), inOrder);
  }
});

test('where appids are on different machines, a call waits for the counts of no other appid', {
  timeout,
}, async (t) => {
  const { database, hold } = await open(t);
  const { reader } = database.calls;
  const transactions = new Transactions({ ...database.calls, writersMax: 2 }, 5_000);
  const lines = { commit: async () => {} };
  const ledger = new Ledger(reader, database.reader, transactions, { node: '', isDivided: true }, lines);
  const commit = hold();
  const slow = ledger.count({ ...call, appid: '1' });
  await commit.reached;
  database.beforeCommit = async () => {};
  const alsoSlow = ledger.count({ ...call, appid: '1' });
  await ledger.count({ ...call, appid: '2' });
  commit.end();
  await Promise.all([slow, alsoSlow]);
  await ledger.settle();
  const rows = await ledger.report({ from: call.day, to: call.day, by: ['month', 'endpoint'] });
  assert.deepEqual(
    rows.map(({ ok }) => ok),
    [2, 1],
  );
});
