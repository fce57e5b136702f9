/** What the index answers while it is filled, fails, and is overtaken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openIndex } from '../../src/search/open.ts';
import { FeedTruncated } from '../../src/sync/gallery-sync.ts';
import type { IndexSyncOptions } from '../../src/sync/index-sync.ts';
import type { Hold } from '../hold.ts';
import { registration } from './memory-feed.ts';
import { assertLoading, failure, startSync } from './start-sync.ts';

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
  assert.equal(feeds[0].calls.filter((call) => call === 'contents').length, 1);
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

test('an index that is built anew answers nothing until it is whole', { timeout }, async (t) => {
  const { sync, feeds, found, faults } = await startSync(t);
  await sync.ready;
  feeds[0].write(...registration('q', 2));
  feeds[0].forgotten = 4;
  const load = feeds[1].hold('contents');
  await assertLoading(found('1'));
  assert.deepEqual(
    faults.map((fault) => fault instanceof FeedTruncated),
    [true],
  );
  await load.reached;
  assert.throws(() => sync.check(), /is loading/);
  await assertLoading(found('1'));
  await assertLoading(found('2'));
  load.end();
  await sync.ready;
  sync.check();
  assert.deepEqual([await found('1'), await found('2')], [['p', 'q'], ['p']]);
  assert.equal(sync.size().faces, 3);
});

test('a write that finds the index overtaken is answered, and the index is built anew once', { timeout }, async (t) => {
  const { sync, feeds, found, faults, stores } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.forgotten = feed.write(...registration('q', 2));
  await Promise.all([stores.notice('1'), stores.notice('2'), assertLoading(found('1')), assertLoading(found('2'))]);
  await sync.ready;
  sync.check();
  assert.equal(faults.length, 1);
  assert.deepEqual(
    [await found('1'), await found('2')],
    [
      ['p', 'q'],
      ['p', 'q'],
    ],
  );
});

test('an index that is overtaken while it is filled is filled from the beginning', { timeout }, async (t) => {
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

test('an index that cannot be built anew says why, and is built after pauses that grow', { timeout }, async (t) => {
  const { sync, feeds, found, faults, pass } = await startSync(t);
  await sync.ready;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  feeds[1].fail('contents', failure);
  await assertLoading(found('1'));
  await assert.rejects(sync.ready, failure);
  assert.equal(faults.at(-1), failure);
  assert.throws(() => sync.check(), failure);
  await assertLoading(found('2'));
  const attempts = () => feeds[1].calls.filter((call) => call === 'contents').length;
  const before = attempts();
  for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    feeds[1].fail('contents', failure);
    await pass(pause - 1);
    const soFar = attempts();
    await pass(1);
    await assert.rejects(sync.ready, failure);
    assert.equal(attempts(), soFar + 1, `one more ${pause} ms later`);
  }
  assert.equal(attempts(), before + 8);
  await pass(60_000);
  await sync.ready;
  sync.check();
  assert.deepEqual([await found('1'), await found('2')], [['p', 'q'], ['p']]);
  // What fails later is tried again after a second: the pauses begin anew.
  feeds[0].forgotten = feeds[0].write(...registration('r', 3));
  feeds[1].fail('contents', failure);
  await assertLoading(found('1'));
  await assert.rejects(sync.ready, failure);
  await pass(1_000);
  await sync.ready;
  assert.deepEqual(await found('1'), ['p', 'q', 'r']);
});

test('a sync that is closed does not fill again what could not be filled', { timeout }, async (t) => {
  let opened = 0;
  const counting: IndexSyncOptions['openIndex'] = (options) => {
    opened += 1;
    return openIndex(options);
  };
  const { sync, pass } = await startSync(t, ([feed]) => feed.fail('contents', failure), { openIndex: counting });
  await assert.rejects(sync.ready, failure);
  await sync[Symbol.asyncDispose]();
  await pass(60_000);
  assert.equal(opened, 1);
});

test('what was wrong with an index is no longer told of one that is built anew', { timeout }, async (t) => {
  const { sync, feeds, stores, found } = await startSync(t);
  await sync.ready;
  feeds[1].fail('since', failure);
  await stores.notice('2');
  assert.throws(() => sync.check(), failure);
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  await assertLoading(found('1'));
  await sync.ready;
  sync.check();
});

test('a search or a write that is under way when the index is replaced does not fail', { timeout }, async (t) => {
  const { sync, feeds, found, faults, stores } = await startSync(t);
  await sync.ready;
  const pass = feeds[1].hold('since');
  const search = assertLoading(found('2'));
  await pass.reached;
  const write = stores.notice('2');
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  await assertLoading(found('1'));
  await sync.ready;
  feeds[1].fail('since', failure);
  pass.end();
  await search;
  await write;
  sync.check();
  assert.equal(faults.length, 1);
});

test('a sync that closes stops filling, and closes what it was about to build', { timeout }, async (t) => {
  const { sync, feeds, found } = await startSync(t);
  await sync.ready;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  const load = feeds[0].hold('contents');
  await assertLoading(found('1'));
  await load.reached;
  const before = feeds[1].calls.length;
  const closed = sync[Symbol.asyncDispose]();
  await setImmediate();
  load.end();
  await closed;
  assert.equal(feeds[1].calls.length, before);
});
