/** Which galleries are in memory when there is no room for all, and that everybody is found all the same. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openIndex } from '../../src/search/open.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { embedding, type MemoryFeed, registration } from './memory-feed.ts';
import { eventually, startSync } from './start-sync.ts';

const timeout = 10_000;

/** Opens an index with so many blocks of 8 faces: each group with faces takes at least one. */
async function start(
  t: TestContext,
  blocks: number,
  prepare: (feeds: readonly [MemoryFeed, MemoryFeed]) => void = () => {},
) {
  const clock = { now: 0 };
  const synced = await startSync(t, prepare, {
    openIndex: (options) => openIndex({ ...options, threads: 1 }, { most: { blocks } }),
    now: () => clock.now,
  });
  await synced.sync.ready;
  return { ...synced, clock };
}

function faces(personId: string, from: number, to: number): readonly RegistryChange[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const number = from + i;
    return { kind: 'insertFace', personId, faceId: `${number}`, embedding: embedding(number) };
  });
}

/** How often what a registry holds was read. */
function loadsOf({ calls }: MemoryFeed): number {
  return calls.filter((call) => call === 'contents').length;
}

test('a registry that finds no room keeps no server from starting, and is searched in the database', {
  timeout,
}, async (t) => {
  const { sync, found, place, faults, stores } = await start(t, 1);
  sync.check();
  assert.deepEqual([await place('1'), await place('2')], ['memory', 'database']);
  assert.deepEqual([await found('1'), await found('2')], [['p'], ['p']]);
  assert.deepEqual(stores.searches, ['2', '2']);
  assert.deepEqual(faults, []);
});

test('a server is ready as soon as it is known that there is no room for all', { timeout }, async (t) => {
  const { sync, place } = await start(t, 1, ([first, second]) => {
    first.write(...faces('p', 2, 20));
    second.hold('contents');
  });
  sync.check();
  assert.deepEqual([await place('1'), await place('2')], ['database', 'database']);
});

test('a gallery that is searched takes the place of one that was searched longer ago', { timeout }, async (t) => {
  // Each takes three, and is loaded where there is room for five.
  const { found, place, clock, feeds, sync } = await start(t, 5, (both) => {
    for (const feed of both) feed.write(...faces('p', 2, 17));
  });
  assert.equal(await place('1'), 'memory');
  clock.now = 10_000;
  assert.deepEqual([await found('2'), await place('2')], [['p'], 'database']);
  await eventually(async () => (await place('2')) === 'memory');
  assert.equal(sync.size().galleries, 1);
  feeds[0].write(...registration('q', 18));
  assert.deepEqual([await place('1'), await found('1')], ['database', ['p', 'q']]);
});

test('a gallery that was searched within ten seconds is not dropped for another one', { timeout }, async (t) => {
  const { place, clock, feeds } = await start(t, 5, (both) => {
    for (const feed of both) feed.write(...faces('p', 2, 17));
  });
  const before = loadsOf(feeds[1]);
  for (clock.now = 0; clock.now < 60_000; clock.now += 5_000) {
    assert.deepEqual([await place('1'), await place('2')], ['memory', 'database']);
    await setImmediate();
  }
  assert.equal(loadsOf(feeds[1]), before);
});

test('a gallery that would not fit alone drops no other, and is not read again and again', { timeout }, async (t) => {
  const { place, clock, feeds } = await start(t, 5, ([, second]) => second.write(...faces('p', 2, 60)));
  const before = loadsOf(feeds[1]);
  for (clock.now = 20_000; clock.now < 100_000; clock.now += 20_000) {
    assert.equal(await place('2'), 'database');
    await setImmediate();
    assert.equal(await place('1'), 'memory');
  }
  assert.equal(loadsOf(feeds[1]), before);
});

test('a gallery that outgrows the memory is searched in the database, and loaded once it is small enough', {
  timeout,
}, async (t) => {
  const { sync, feeds, stores, found, place, clock } = await start(t, 4);
  feeds[0].write(...faces('p', 2, 40));
  await stores.notice('1');
  assert.deepEqual([await place('1'), await found('1'), await place('2')], ['database', ['p'], 'memory']);
  const gone = faces('p', 2, 40).map((face) => ({ kind: 'removeFace', faceId: 'faceId' in face ? face.faceId : '' }));
  feeds[0].write(...(gone as readonly RegistryChange[]));
  await stores.notice('1');
  clock.now = 60_000;
  await eventually(async () => (await place('1')) === 'memory');
  assert.equal(sync.size().faces, 2);
});

test('who is erased is found neither in memory nor in the database, while galleries come and go', {
  timeout,
}, async (t) => {
  const { feeds, found, clock, stores, place } = await start(t, 5, (both) => {
    for (const feed of both) feed.write(...faces('p', 2, 17));
  });
  const seen = new Set<string | undefined>();
  for (let round = 0; round < 40; round++) {
    clock.now += 11_000;
    const appid = `${1 + (round % 2)}`;
    feeds[round % 2]!.write(...registration(`q${round}`, 3));
    await stores.notice(appid);
    assert.deepEqual(await found(appid), ['p', `q${round}`]);
    feeds[round % 2]!.write({ kind: 'removePerson', personId: `q${round}` });
    await stores.notice(appid);
    assert.deepEqual(await found(appid), ['p']);
    seen.add(await place(appid));
    if (round % 3 === 0) for (let turns = 0; turns < 20; turns++) await setImmediate();
  }
  assert.deepEqual(seen, new Set(['memory', 'database']));
});
