/** What the index answers while it is filled, fails, and when changes were missed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Hold } from '../hold.ts';
import { type MemoryFeed, registration } from './memory-feed.ts';
import { assertLoading, eventually, failure, finds, startSync } from './start-sync.ts';

const timeout = 10_000;

test('until every registry is filed the index is not ready, and nobody searches', { timeout }, async (t) => {
  let load: Hold | undefined;
  const { sync, found } = await startSync(t, ([, second]) => {
    load = second.hold('contents');
  });
  await load?.reached;
  assert.throws(() => sync.check(), /is loading: 1 faces so far/);
  await assertLoading(found('1'));
  load?.end();
  await sync.ready;
  sync.check();
  assert.deepEqual([await found('1'), await found('2')], [['p'], ['p']]);
});

test('a write is not held up while the index is filled, and is in it when it is ready', { timeout }, async (t) => {
  let load: Hold | undefined;
  const { sync, feeds, stores } = await startSync(t, ([, second]) => {
    load = second.hold('contents');
  });
  await load?.reached;
  feeds[0].write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2), ...registration('r', 3));
  for (const appid of ['1', '2']) await stores.notice(appid);
  load?.end();
  await sync.ready;
  assert.equal(sync.size().faces, 3, 'two of the first registry, one of the second');
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

test('an index that cannot be filled says why, and is filled a second later', { timeout }, async (t) => {
  const { sync, found, pass } = await startSync(t, ([feed]) => feed.fail('contents', failure));
  await assert.rejects(sync.ready, failure);
  assert.throws(() => sync.check(), failure);
  await assertLoading(found());
  await pass(999);
  assert.throws(() => sync.check(), failure);
  await pass(1);
  await sync.ready;
  sync.check();
  assert.deepEqual(await found(), ['p']);
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

test('a registry of which changes were missed is filed anew, and the others are searched meanwhile', {
  timeout,
}, async (t) => {
  const { sync, feeds, found, faults, stores } = await startSync(t);
  await sync.ready;
  feeds[0].write({ kind: 'removePerson', personId: 'p' }, ...registration('q', 2));
  feeds[0].forgotten = 5;
  const load = feeds[0].hold('contents');
  await assertLoading(found('1'));
  assert.match(String(faults), /^Error: the faces of appid 1 are filed anew: changes were forgotten/);
  await load.reached;
  sync.check();
  await assertLoading(found('1'));
  assert.deepEqual(await found('2'), ['p']);
  feeds[1].write(...registration('q', 2));
  await Promise.all([stores.notice('1'), stores.notice('2')]);
  assert.deepEqual(await found('2'), ['p', 'q']);
  load.end();
  await eventually(finds(() => found('1')));
  assert.deepEqual([await found('1'), sync.size().faces], [['q'], 3]);
  assert.equal(faults.length, 1);
  assert.equal(attemptsOf(feeds[1]), 1, 'the other was not filed anew');
});

test('a write that finds changes missed is answered, and each registry is filed anew once', { timeout }, async (t) => {
  const { sync, feeds, found, faults, stores } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.forgotten = feed.write(...registration('q', 2));
  await Promise.all([stores.notice('1'), stores.notice('2'), assertLoading(found('1')), assertLoading(found('2'))]);
  for (const appid of ['1', '2']) {
    await eventually(finds(() => found(appid)));
    assert.deepEqual(await found(appid), ['p', 'q']);
  }
  sync.check();
  assert.equal(faults.length, 2);
  for (const feed of feeds) assert.equal(attemptsOf(feed), 2);
});

test('a registry that cannot be filed anew says why, and is tried again', { timeout }, async (t) => {
  const { sync, feeds, found, faults, pass, stores } = await startSync(t);
  await sync.ready;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  feeds[0].fail('contents', failure);
  await assertLoading(found('1'));
  await eventually(async () => faults.includes(failure));
  assert.throws(() => sync.check(), failure);
  // While it waits, another one falls behind, and does not wait for it.
  feeds[1].forgotten = feeds[1].write(...registration('q', 2));
  feeds[0].fail('contents', failure);
  await stores.notice('2');
  await eventually(finds(() => found('2')));
  await assertLoading(found('1'));
  await pass(2_000);
  await eventually(finds(() => found('1')));
  sync.check();
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
  // What fails later is tried again after a second: the pauses begin anew.
  feeds[0].forgotten = feeds[0].write(...registration('r', 3));
  feeds[0].fail('contents', failure);
  await assertLoading(found('1'));
  await eventually(async () => attemptsOf(feeds[0]) === 2);
  await pass(1_000);
  await eventually(finds(() => found('1')));
  assert.deepEqual(await found('1'), ['p', 'r']);
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

test('a sync that closes does not file anew what fell behind', { timeout }, async (t) => {
  const { sync, feeds, found, stores } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.forgotten = feed.write(...registration('q', 2));
  const load = feeds[0].hold('contents');
  await assertLoading(found('1'));
  await load.reached;
  await stores.notice('2');
  const closed = sync[Symbol.asyncDispose]();
  await setImmediate();
  load.end();
  await closed;
  assert.equal(attemptsOf(feeds[1]), 1);
});
