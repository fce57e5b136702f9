/** Where faces are searched while galleries are loaded, fail, and when changes were missed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Hold } from '../hold.ts';
import { type MemoryFeed, registration } from './memory-feed.ts';
import { eventually, failure, startSync } from './start-sync.ts';

const timeout = 10_000;

test('until every registry is loaded the index is not ready, and the others are searched in the database', {
  timeout,
}, async (t) => {
  let load: Hold | undefined;
  const { sync, found, place } = await startSync(t, ([, second]) => {
    load = second.hold('contents');
  });
  await load?.reached;
  assert.throws(() => sync.check(), /is loading: 1 faces so far/);
  assert.deepEqual([await place('1'), await place('2')], ['memory', 'database']);
  assert.deepEqual([await found('1'), await found('2')], [['p'], ['p']]);
  load?.end();
  await sync.ready;
  sync.check();
  assert.deepEqual([await found('1'), await found('2')], [['p'], ['p']]);
  assert.deepEqual([await place('1'), await place('2')], ['memory', 'memory']);
  assert.equal(sync.size().galleries, 2);
});

test('a write is not held up while galleries are loaded, and is found at once', { timeout }, async (t) => {
  let load: Hold | undefined;
  const { sync, feeds, stores, found } = await startSync(t, ([, second]) => {
    load = second.hold('contents');
  });
  await load?.reached;
  for (const feed of feeds) feed.write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  for (const appid of ['1', '2']) {
    await stores.notice(appid);
    assert.deepEqual(await found(appid), ['q']);
  }
  load?.end();
  await sync.ready;
  assert.deepEqual([await found('1'), await found('2'), sync.size().faces], [['q'], ['q'], 2]);
});

test('a write is answered when it is in the index', { timeout }, async (t) => {
  const { sync, feeds, stores } = await startSync(t);
  await sync.ready;
  feeds[0].write(...registration('q', 2));
  await stores.notice('1');
  assert.equal(sync.size().faces, 3);
});

test('a registry is filed once, however often it is searched', { timeout }, async (t) => {
  const { sync, feeds, found } = await startSync(t);
  await sync.ready;
  await found();
  await found();
  assert.equal(attemptsOf(feeds[0]), 1);
});

test('an index that cannot be filled says why, is searched in the database, and is filled a second later', {
  timeout,
}, async (t) => {
  const { sync, found, place, pass } = await startSync(t, ([feed]) => feed.fail('contents', failure));
  await assert.rejects(sync.ready, failure);
  assert.throws(() => sync.check(), failure);
  assert.deepEqual([await found(), await place()], [['p'], 'database']);
  await pass(999);
  assert.throws(() => sync.check(), failure);
  await pass(1);
  await sync.ready;
  sync.check();
  assert.deepEqual([await found(), await place()], [['p'], 'memory']);
});

test('a failure to follow is told until the registry is followed again, whatever others do', { timeout }, async (t) => {
  const { sync, feeds, stores, faults } = await startSync(t);
  await sync.ready;
  feeds[0].fail('since', failure);
  await stores.notice('1');
  assert.deepEqual(faults, [failure]);
  assert.throws(() => sync.check(), failure);
  await stores.notice('2');
  assert.throws(() => sync.check(), failure);
  await stores.notice('1');
  sync.check();
});

test('a search that cannot be made is told as it is, and the next one is made', { timeout }, async (t) => {
  const { sync, feeds, found } = await startSync(t);
  await sync.ready;
  feeds[0].fail('since', failure);
  await assert.rejects(found(), failure);
  assert.deepEqual(await found(), ['p']);
});

test('a registry of which changes were missed is loaded anew, and searched in the database meanwhile', {
  timeout,
}, async (t) => {
  const { sync, feeds, found, place, faults, stores } = await startSync(t);
  await sync.ready;
  feeds[0].write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  feeds[0].forgotten = 5;
  const load = feeds[0].hold('contents');
  assert.deepEqual(await found('1'), ['q']);
  assert.match(String(faults), /^Error: the faces of appid 1 are loaded anew: changes were forgotten/);
  await load.reached;
  sync.check();
  assert.deepEqual([await place('1'), await place('2')], ['database', 'memory']);
  feeds[1].write(...registration('q', 2));
  await Promise.all([stores.notice('1'), stores.notice('2')]);
  assert.deepEqual([await found('1'), await found('2')], [['q'], ['p', 'q']]);
  load.end();
  await eventually(async () => (await place('1')) === 'memory');
  assert.deepEqual([await found('1'), sync.size().faces], [['q'], 3]);
  assert.equal(faults.length, 1);
  assert.equal(attemptsOf(feeds[1]), 1, 'the other was not loaded anew');
});

test('a write that finds changes missed is answered, and each registry is loaded anew once', { timeout }, async (t) => {
  const { sync, feeds, found, place, faults, stores } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.forgotten = feed.write(...registration('q', 2));
  const both = [stores.notice('1'), stores.notice('2'), found('1'), found('2')];
  assert.deepEqual((await Promise.all(both)).slice(2), [
    ['p', 'q'],
    ['p', 'q'],
  ]);
  for (const appid of ['1', '2']) {
    await eventually(async () => (await place(appid)) === 'memory');
    assert.deepEqual(await found(appid), ['p', 'q']);
  }
  sync.check();
  assert.equal(faults.length, 2);
  for (const feed of feeds) assert.equal(attemptsOf(feed), 2);
});

test('a registry that cannot be loaded anew says why, and is loaded by a later search', { timeout }, async (t) => {
  let now = 0;
  const { sync, feeds, found, place, faults } = await startSync(t, () => {}, { now: () => now });
  await sync.ready;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  feeds[0].fail('contents', failure);
  assert.deepEqual(await found('1'), ['p', 'q']);
  await eventually(async () => faults.includes(failure));
  sync.check();
  now = 9_999;
  assert.equal(await place('1'), 'database');
  for (let turns = 0; turns < 20; turns++) await setImmediate();
  assert.equal(attemptsOf(feeds[0]), 2);
  now = 10_000;
  await eventually(async () => (await place('1')) === 'memory');
  assert.deepEqual(await found('1'), ['p', 'q']);
});

test('a registry of which changes are missed while it is filed is filed from the beginning', { timeout }, async (t) => {
  let load: Hold | undefined;
  const { sync, feeds, found } = await startSync(t, ([feed]) => {
    load = feed.hold('contents');
  });
  await load?.reached;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  load?.end();
  await sync.ready;
  assert.deepEqual([await found('1'), await found('2')], [['p', 'q'], ['p']]);
});

test('an index that cannot be filled is filled after pauses that grow, up to four seconds', { timeout }, async (t) => {
  const { sync, feeds, found, pass } = await startSync(t, (both) => both[1].fail('contents', failure));
  await assert.rejects(sync.ready, failure);
  const attempts = () => attemptsOf(feeds[1]);
  const before = attempts();
  for (const pause of [1_000, 2_000, 4_000, 4_000]) {
    feeds[1].fail('contents', failure);
    await pass(pause - 1);
    const soFar = attempts();
    await pass(1);
    await assert.rejects(sync.ready, failure);
    assert.equal(attempts(), soFar + 1, `one more ${pause} ms later`);
  }
  assert.equal(attempts(), before + 4);
  await pass(4_000);
  await sync.ready;
  sync.check();
  assert.deepEqual([await found('1'), await found('2')], [['p'], ['p']]);
});

/** How often what a registry holds was read. */
function attemptsOf({ calls }: MemoryFeed): number {
  return calls.filter((call) => call === 'contents').length;
}

test('a sync that is closed does not fill again what could not be filled', { timeout }, async (t) => {
  let listed = 0;
  const { sync, pass } = await startSync(t, ([feed], stores) => {
    feed.fail('contents', failure);
    const appids = stores.appids.bind(stores);
    stores.appids = () => {
      listed += 1;
      return appids();
    };
  });
  await assert.rejects(sync.ready, failure);
  await sync[Symbol.asyncDispose]();
  await pass(60_000);
  assert.equal(listed, 1);
});

test('a sync that closes does not load anew what fell behind', { timeout }, async (t) => {
  const { sync, feeds, found, stores } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.forgotten = feed.write(...registration('q', 2));
  const load = feeds[0].hold('contents');
  await found('1');
  await load.reached;
  await stores.notice('2');
  const closed = sync[Symbol.asyncDispose]();
  await setImmediate();
  load.end();
  await closed;
  assert.equal(attemptsOf(feeds[1]), 1);
  await assert.rejects(found('1'), /the index is closed/);
});
