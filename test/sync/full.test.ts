/** An index that is full: who finds no room is told so, nobody else is hurt, and room that is made is used. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Refusal } from '../../src/errors/refusals.ts';
import { openIndex } from '../../src/search/open.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import type { IndexSyncOptions } from '../../src/sync/index-sync.ts';
import { embedding, type MemoryFeed, registration } from './memory-feed.ts';
import { eventually, finds, startSync } from './start-sync.ts';

const timeout = 10_000;

/** Opens an index with so many blocks of 8 faces: each group with faces takes at least one. */
function holding(blocks: number): Partial<IndexSyncOptions> {
  return { openIndex: (options) => openIndex({ ...options, threads: 1 }, { most: { blocks } }) };
}

async function start(
  t: TestContext,
  blocks: number,
  prepare: (feeds: readonly [MemoryFeed, MemoryFeed]) => void = () => {},
) {
  const synced = await startSync(t, prepare, holding(blocks));
  await synced.sync.ready;
  return synced;
}

function faces(personId: string, from: number, to: number): readonly RegistryChange[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const number = from + i;
    return { kind: 'insertFace', personId, faceId: `${number}`, embedding: embedding(number) };
  });
}

async function assertFull(search: Promise<unknown>): Promise<void> {
  await assert.rejects(search, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.refusal, error.detail], ['unavailable', 'the index is full']);
    return true;
  });
}

test('a registry that finds no room keeps no server from starting, and nobody else from searching', {
  timeout,
}, async (t) => {
  const { sync, found, faults } = await start(t, 1);
  sync.check();
  assert.deepEqual(await found('1'), ['p']);
  await assertFull(found('2'));
  assert.deepEqual([sync.galleryOf('1').isFull, sync.galleryOf('2').isFull], [true, true]);
  assert.deepEqual(faults.map(String), ['Error: the index is full: the faces of appid 2 cannot be searched']);
});

test('a registry that found no room is filed as soon as another one makes room', { timeout }, async (t) => {
  const { sync, feeds, stores, found } = await start(t, 1);
  feeds[0].write({ kind: 'removePerson', personId: 'p' });
  await stores.notice('1');
  await eventually(finds(() => found('2')));
  assert.deepEqual([await found('1'), await found('2')], [[], ['p']]);
  sync.check();
});

test('a registry that found no room is filed once its own deletions have made it small enough', {
  timeout,
}, async (t) => {
  const { feeds, stores, found } = await start(t, 2, ([, second]) => second.write(...faces('p', 2, 20)));
  await assertFull(found('2'));
  const gone = faces('p', 2, 15).map((face) => ({ kind: 'removeFace', faceId: 'faceId' in face ? face.faceId : '' }));
  feeds[1].write(...(gone as readonly RegistryChange[]));
  await stores.notice('2');
  await eventually(finds(() => found('2')));
  assert.deepEqual(await found('2'), ['p']);
});

test('a batch that a full index refuses is filed as soon as changes behind it make room', { timeout }, async (t) => {
  const { sync, feeds, stores, found, faults } = await start(t, 2);
  // Nine faces do not fit beside those of the other registry, eight do.
  feeds[0].write(...faces('p', 2, 9));
  await stores.notice('1');
  await assertFull(found('1'));
  assert.deepEqual(await found('2'), ['p']);
  feeds[0].write({ kind: 'removeFace', faceId: '1' });
  await stores.notice('1');
  assert.deepEqual(await found('1'), ['p']);
  assert.equal(sync.size().faces, 9);
  assert.equal(faults.length, 1);
  sync.check();
});

test('a search that finds the changes of another process too many is refused until there is room', {
  timeout,
}, async (t) => {
  const { feeds, found, goRound } = await start(t, 2);
  feeds[0].write(...faces('p', 2, 9));
  await assertFull(found('1'));
  await assertFull(found('1'));
  feeds[1].write({ kind: 'removePerson', personId: 'p' });
  await goRound();
  await goRound();
  await eventually(finds(() => found('1')));
  assert.deepEqual([await found('1'), await found('2')], [['p'], []]);
});

test('what found no room is not read again and again while nothing changes', { timeout }, async (t) => {
  const { feeds, goRound, found } = await start(t, 1);
  await goRound();
  await goRound();
  const loads = () => feeds[1].calls.filter((call) => call === 'contents').length;
  const before = loads();
  for (let round = 0; round < 5; round++) {
    await goRound();
    await assertFull(found('2'));
  }
  assert.equal(loads(), before);
});

test('an index with room is not full', { timeout }, async (t) => {
  const { sync, feeds, stores } = await start(t, 4);
  assert.equal(sync.galleryOf('1').isFull, false);
  feeds[0].write(...registration('q', 2), { kind: 'joinGroup', personId: 'r', groupId: 'h' });
  feeds[0].write(...faces('r', 3, 3));
  await stores.notice('1');
  assert.equal(sync.galleryOf('1').isFull, true, 'the last block is kept for what is under way');
});
