/** The index holds what the database holds: while calls cross, across restarts, and beside other processes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { deletePerson, registerPerson } from '../../src/domain/persons.ts';
import { identify } from '../../src/domain/recognition.ts';
import type { IndexSync } from '../../src/sync/index-sync.ts';
import { sqliteHome } from '../store/sqlite-home.ts';
import { analyzer, contextOf, embeddings, expected, follow, found, picture } from './indexed.ts';

test('who was erased is in no answer to a call that began after, whatever else goes on', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using sync = await follow(stores);
  const context = contextOf(stores, sync, '1');
  await registerPerson(context, { person: { id: 'stays', name: '', tag: '' }, groupIds: ['g'], picture: picture(11) });
  const gone = new Set<string>();
  let searches = 0;
  const lane = async (lane: number) => {
    for (let i = 0; i < 10; i++) {
      const id = `${lane}-${i}`;
      await registerPerson(context, { person: { id, name: '', tag: '' }, groupIds: ['g'], picture: picture(lane) });
      const [mine] = await identify(context, picture(lane), ['g'], 'largest');
      assert.equal(mine?.candidates[0]?.personId, id, 'found as soon as it was registered');
      await deletePerson(context, id);
      gone.add(id);
    }
  };
  const lanes = [0, 1, 2, 3].map(lane);
  let going = true;
  const searching = Array.from({ length: 4 }, async (_, probe) => {
    while (going) {
      const before = new Set(gone);
      const [face] = await identify(context, picture(probe), ['g'], 'largest');
      for (const { personId } of face?.candidates ?? []) assert.ok(!before.has(personId), `${personId} was erased`);
      searches += 1;
      // As calls over sockets do. Otherwise Node takes up to 1,000 answers of a search's thread before one of the writer's.
      await setImmediate();
    }
  });
  await Promise.all(lanes).finally(() => {
    going = false;
  });
  await Promise.all(searching);
  assert.ok(searches > 10);
  assert.deepEqual(sync.size().faces, 1);
});

test('a copy of a picture is told wherever the search has it', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using sync = await follow(stores);
  const context = contextOf(stores, sync, '1');
  for (const number of [0, 1, 2, 3]) {
    const person = { id: `${number}`, name: '', tag: '' };
    await registerPerson(context, { person, groupIds: ['g'], picture: picture(number) });
  }
  const searched = (await found(sync, '1', ['g']))[0]!.map(({ personId }) => personId);
  const copy = embeddings[Number(searched[2])]!;
  const isCopy = (embedding: Float32Array) => embedding.every((value, i) => value === copy[i]);
  const compare = (_: Float32Array, embedding: Float32Array) => ({ score: 50, mayBeCopy: isCopy(embedding) });
  const [face] = await identify({ ...context, analyzer: { ...analyzer, compare } }, picture(0), ['g'], 'largest');
  const told = face!.candidates.map(({ personId, likeness }) => [personId, likeness.samePicture]);
  assert.deepEqual(told.slice(0, 3), [
    [searched[0], false],
    [searched[1], false],
    [searched[2], true],
  ]);
});

test('what another process writes is found by the next call, and no longer when it erases it', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using others = await home.open();
  await using sync = await follow(stores);
  await using theirs = await follow(others);
  const [mine, other] = [contextOf(stores, sync, '1'), contextOf(others, theirs, '1')];
  await registerPerson(other, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  const [face] = await identify(mine, picture(1), ['g'], 'largest');
  assert.equal(face?.candidates[0]?.personId, 'p');
  await registerPerson(mine, { person: { id: 'q', name: '', tag: '' }, groupIds: ['g'], picture: picture(2) });
  await deletePerson(other, 'p');
  const [again] = await identify(mine, picture(1), ['g'], 'largest');
  assert.deepEqual(
    again?.candidates.map(({ personId }) => personId),
    ['q'],
  );
});

/** Waits until a gallery is in memory. */
async function untilLoaded(sync: IndexSync): Promise<void> {
  for (let turns = 0; sync.size().galleries === 0; turns++) {
    assert.ok(turns < 100_000);
    await setImmediate();
  }
}

test('a gallery that missed changes is loaded anew, and searched in the database meanwhile', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using others = await home.open();
  const faults: unknown[] = [];
  await using sync = await follow(stores, faults);
  await using theirs = await follow(others);
  const [mine, other] = [contextOf(stores, sync, '1'), contextOf(others, theirs, '1')];
  await registerPerson(mine, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  await untilLoaded(sync);
  await registerPerson(other, { person: { id: 'q', name: '', tag: '' }, groupIds: ['g'], picture: picture(2) });
  await deletePerson(other, 'p');
  await others.feedOf('1').prune(await others.feedOf('1').position());
  const [face] = await identify(mine, picture(1), ['g'], 'largest');
  assert.deepEqual(
    face?.candidates.map(({ personId }) => personId),
    ['q'],
  );
  sync.check();
  await untilLoaded(sync);
  assert.equal(faults.length, 1);
  assert.deepEqual(await found(sync, '1', ['g']), await expected(stores, '1', ['g']));
});

test('galleries that find no room in memory are searched in the database, with the same answer', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using held = await follow(stores);
  await using sync = await follow(stores, [], 1);
  for (const [context, from] of [
    [contextOf(stores, held, '1'), 0],
    [contextOf(stores, sync, '1'), 6],
  ] as const) {
    for (let number = from; number < from + 6; number++) {
      const person = { id: `${number}`, name: '', tag: '' };
      await registerPerson(context, { person, groupIds: ['g', `h${number % 2}`], picture: picture(number) });
    }
  }
  for (const groups of [['g'], ['h0', 'h1'], ['h1'], ['nobody']]) {
    assert.deepEqual(await found(sync, '1', groups), await found(held, '1', groups));
  }
  await untilLoaded(held);
  assert.deepEqual([held.size().faces, sync.size().faces], [12, 0]);
  await deletePerson(contextOf(stores, held, '1'), '3');
  assert.deepEqual(await found(sync, '1', ['g']), await expected(stores, '1', ['g']));
});

test('embeddings of another model are not searched', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using sync = await follow(stores);
  const older = { ...contextOf(stores, sync, '1'), analyzer: { ...analyzer, model: 'older', dimension: 3 } };
  await registerPerson(older, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  await registerPerson(contextOf(stores, sync, '1'), {
    person: { id: 'q', name: '', tag: '' },
    groupIds: ['g'],
    picture: picture(2),
  });
  await using fresh = await follow(stores);
  for (const one of [sync, fresh]) {
    const lists = await found(one, '1', ['g']);
    assert.ok(lists.every((list) => list.length === 1 && list[0]?.personId === 'q'));
  }
});
