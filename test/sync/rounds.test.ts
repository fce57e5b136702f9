/** What a sync does while nobody asks it: it follows other processes, has changes forgotten, and tells how far it is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { openIndex } from '../../src/search/open.ts';
import type { Hold } from '../hold.ts';
import { type FeedCall, registration } from './memory-feed.ts';
import { failure, roundMs, startSync } from './start-sync.ts';

const timeout = 10_000;

test('what another process writes is in the index after a round, though nobody searches', { timeout }, async (t) => {
  const { sync, feeds, goRound } = await startSync(t);
  await sync.ready;
  for (const feed of feeds) feed.write(...registration('q', 2));
  await goRound();
  assert.equal(sync.size().faces, 4);
});

test('a change is kept for one to two rounds after it was seen, and then forgotten', { timeout }, async (t) => {
  const { sync, feeds, goRound } = await startSync(t);
  await sync.ready;
  const forgotten: number[][] = [];
  for (let round = 1; round <= 3; round++) {
    await goRound();
    forgotten.push(feeds.map((feed) => feed.forgotten));
    if (round === 1) feeds[1].write(...registration('q', 2));
  }
  assert.deepEqual(forgotten, [
    [0, 0],
    [2, 2],
    [2, 4],
  ]);
});

test('a round that fails is told, and the next one does its work', { timeout }, async (t) => {
  const { sync, feeds, faults, goRound } = await startSync(t);
  await sync.ready;
  feeds[0].fail('since', failure);
  feeds[1].write(...registration('q', 2));
  await goRound();
  assert.throws(() => sync.check(), failure);
  assert.equal(sync.size().faces, 3, 'the other registry is followed');
  feeds[0].fail('prune', failure);
  await goRound();
  sync.check();
  assert.deepEqual(faults, [failure, failure]);
  assert.deepEqual([feeds[0].forgotten, feeds[1].forgotten], [0, 4]);
  await goRound();
  assert.deepEqual([feeds[0].forgotten, feeds[1].forgotten], [2, 4]);
});

test('a round waits for the one before it', { timeout }, async (t) => {
  const { sync, feeds, goRound } = await startSync(t);
  await sync.ready;
  const look = feeds[0].hold('since');
  await goRound();
  await look.reached;
  const before = feeds[1].calls.length;
  await goRound();
  assert.equal(feeds[1].calls.length, before);
  look.end();
  await setImmediate();
  assert.equal(feeds[1].calls.slice(before).filter((call) => call === 'since').length, 2);
});

test('nothing is forgotten while an index is filled', { timeout }, async (t) => {
  let load: Hold | undefined;
  const { sync, feeds, goRound } = await startSync(t, ([, second]) => {
    load = second.hold('contents');
  });
  await load?.reached;
  for (let round = 1; round <= 3; round++) await goRound();
  assert.deepEqual([feeds[0].forgotten, feeds[1].forgotten], [0, 0]);
  load?.end();
  await sync.ready;
});

/** Closes a sync while a call of its n-th round is under way. */
async function closeDuring(t: TestContext, call: FeedCall, round: number): Promise<void> {
  const { sync, feeds, goRound } = await startSync(t);
  await sync.ready;
  for (let i = 1; i < round; i++) await goRound();
  const gate = feeds[0].hold(call);
  await goRound();
  await gate.reached;
  const events: string[] = [];
  const closed = sync[Symbol.asyncDispose]().then(() => events.push('closed'));
  // A thread that begins now and ends: time enough for those of the index, if nobody waited for the round.
  await once(new Worker('', { eval: true }), 'exit');
  events.push('round ends');
  const others = feeds[1].calls.length;
  gate.end();
  await closed;
  assert.deepEqual(events, ['round ends', 'closed']);
  assert.equal(feeds[1].calls.length, others);
  const calls = feeds[0].calls.length;
  await goRound();
  assert.equal(feeds[0].calls.length, calls);
}

test('a sync that is closed waits for its round, and reads nothing afterwards', { timeout }, (t) =>
  closeDuring(t, 'since', 1),
);

test('a sync that is closed waits until its feed has forgotten what it should', { timeout }, (t) =>
  closeDuring(t, 'prune', 2),
);

test('the threads of an index have ended when it is closed', { timeout }, async (t) => {
  const threads: Worker[] = [];
  const note = (worker: Worker): void => void threads.push(worker);
  process.on('worker', note);
  t.after(() => void process.off('worker', note));
  const { sync } = await startSync(t);
  await sync.ready;
  const areOver = () => threads.map(({ threadId }) => threadId === -1);
  assert.ok(threads.length > 0);
  assert.ok(!areOver().some(Boolean));
  await sync[Symbol.asyncDispose]();
  assert.ok(areOver().every(Boolean));
});

test('a registry of which changes are missed while the sync closes is not filed anew', { timeout }, async (t) => {
  const { sync, feeds, goRound, faults } = await startSync(t);
  await sync.ready;
  feeds[0].forgotten = feeds[0].write(...registration('q', 2));
  const look = feeds[0].hold('since');
  await goRound();
  await look.reached;
  const closed = sync[Symbol.asyncDispose]();
  look.end();
  await closed;
  assert.equal(feeds[0].calls.filter((call) => call === 'contents').length, 1);
  assert.deepEqual(faults, []);
});

test('it is told how far filling is, now and then and at its end', { timeout }, async (t) => {
  let load: Hold | undefined;
  const told: [number, number][] = [];
  const onProgress = (done: number, total: number): void => void told.push([done, total]);
  const { sync } = await startSync(
    t,
    ([first, second], stores) => {
      first.write(...registration('q', 2));
      load = second.hold('contents');
      stores.countFaces = async () => 3;
    },
    { onProgress },
  );
  await load?.reached;
  t.mock.timers.tick(100);
  load?.end();
  await sync.ready;
  t.mock.timers.tick(roundMs);
  assert.deepEqual(told, [
    [2, 3],
    [3, 3],
  ]);
});

test('it is never told of more faces than there were, and of nothing where they cannot be counted', {
  timeout,
}, async (t) => {
  const told: [number, number][] = [];
  const onProgress = (done: number, total: number): void => void told.push([done, total]);
  const counts = async (count: () => Promise<number>) => {
    const { sync } = await startSync(
      t,
      (_, stores) => {
        stores.countFaces = count;
      },
      { onProgress },
    );
    await sync.ready;
    t.mock.timers.reset();
  };
  await counts(async () => 0);
  await counts(async () => {
    throw failure;
  });
  assert.deepEqual(told, []);
  await counts(async () => 1);
  assert.deepEqual(told, [[1, 1]]);
});

test('a sync that is closed before it has begun to count waits for the count', { timeout }, async (t) => {
  const listing = Promise.withResolvers<void>();
  const order: string[] = [];
  const { sync } = await startSync(
    t,
    (_, stores) => {
      const appids = stores.appids.bind(stores);
      stores.appids = () => listing.promise.then(appids);
      stores.countFaces = async () => {
        await setImmediate();
        order.push('counted');
        return 2;
      };
    },
    {
      onProgress: () => {},
      async openIndex(options) {
        const index = await openIndex(options);
        const close = index[Symbol.asyncDispose].bind(index);
        return Object.assign(index, {
          [Symbol.asyncDispose]: () => {
            order.push('closed');
            return close();
          },
        });
      },
    },
  );
  const closed = sync[Symbol.asyncDispose]();
  listing.resolve();
  await closed;
  assert.deepEqual(order.slice(0, 2), ['counted', 'closed']);
});
