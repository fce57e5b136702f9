/** The index holds what the database holds: after any calls, across restarts, and beside other processes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { RequestContext } from '../../src/domain/context.ts';
import type { AnalyzedFace, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { addFaces, deleteFaces, listFaces } from '../../src/domain/faces.ts';
import { joinGroups, leaveGroups } from '../../src/domain/groups.ts';
import { createFaceIds } from '../../src/domain/ids.ts';
import { deletePerson, registerPerson } from '../../src/domain/persons.ts';
import { identify } from '../../src/domain/recognition.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { type IndexSync, openIndexSync } from '../../src/sync/index-sync.ts';
import { createRandom } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import { stranger } from '../search/vectors.ts';
import { idsOf, limits } from '../store/fixtures.ts';
import { sqliteHome } from '../store/sqlite-home.ts';

const dimension = 8;
const random = createRandom(7);
/** What the analyzer finds in the pictures 0, 1, 2 …. */
const embeddings = Array.from({ length: 12 }, () => stranger(random, dimension));
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** FaceAnalyzer that see one face in a picture, which is one byte long: the embedding of that number. */
const analyzer: FaceAnalyzer = {
  model: 'bytes',
  dimension,
  compare: (a, b) => ({ score: 100 * cosine(a, b), mayBeCopy: false }),
  areCopies: async (_, others) => others.map(() => true),
  scoreOf: (value) => 100 * value,
  async analyze(picture) {
    const embedding = embeddings[picture[0]!]!;
    const attributes = { gender: 0, age: 0, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 };
    const box = { x: 0, y: 0, width: 10, height: 10 };
    const never = undefined as never;
    const quality = { score: 100 };
    const face: AnalyzedFace = {
      box,
      attributes,
      embedding,
      crop: new Uint8Array(1),
      quality,
      shape: never,
    };
    return { width: 10, height: 10, faces: [face], others: [], timings: {} };
  },
};

const newFaceId = createFaceIds(Date.now);
const picture = (number: number) => ({ open: async () => Uint8Array.of(number) });

function contextOf(stores: Stores, sync: IndexSync, appid: string): RequestContext {
  const { signal } = new AbortController();
  const gallery = sync.galleryOf(appid);
  const told = { onAnalysis: () => {} };
  return { store: stores.of(appid), gallery, analyzer, limits, newFaceId, qualityMin: 0, ...told, signal };
}

/** Opens an index over stores; a fault that nobody expects fails the test. */
async function follow(stores: Stores, faults: unknown[] = []): Promise<IndexSync> {
  const sync = await openIndexSync({ stores, analyzer, onFault: (error) => faults.push(error) });
  await sync.ready;
  return sync;
}

const groupIds = ['g', '组', 'h'];
const personIds = ['a', 'b', '张三', 'd'];
const somePerson = fc.constantFrom(...personIds);
const someGroups = fc.subarray(groupIds, { minLength: 1 });
const someNumber = fc.nat(embeddings.length - 1);

/** A call of the domain. Faces are named by their place among the person's, since their ids are made anew. */
type Call = (context: RequestContext) => Promise<unknown>;
const someCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(somePerson, someGroups, someNumber).map(
      ([id, groups, number]): Call =>
        (context) =>
          registerPerson(context, { person: { id, name: '', tag: '' }, groupIds: groups, picture: picture(number) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(someNumber, { maxLength: 4 })).map(
      ([personId, numbers]): Call =>
        (context) =>
          addFaces(context, { personId, tag: '', pictures: numbers.map(picture) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(fc.nat(4), { minLength: 1, maxLength: 3 })).map(
      ([personId, places]): Call =>
        async (context) => {
          const faces = idsOf(await listFaces(context, personId));
          return deleteFaces(
            context,
            personId,
            places.map((place) => faces[place] ?? ''),
          );
        },
    ),
  },
  {
    weight: 2,
    arbitrary: somePerson.map(
      (id): Call =>
        (context) =>
          deletePerson(context, id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (context) =>
          joinGroups(context, id, groups),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (context) =>
          leaveGroups(context, id, groups),
    ),
  },
);

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

/** What a search of some groups for every picture finds. */
async function found(sync: IndexSync, appid: string, groups: readonly string[]) {
  const { signal } = new AbortController();
  return sync.galleryOf(appid).nearest({ probes: embeddings, groupIds: groups, count: 3, signal });
}

/** What it must find: the register read person by person, and compared one by one. */
async function expected(stores: Stores, appid: string, groups: readonly string[]) {
  const store = stores.of(appid);
  const oracle = new Oracle();
  for (const groupId of idsOf(await store.groups()) ?? []) {
    for (const personId of idsOf(await store.membersOf(groupId)) ?? []) {
      await oracle.apply([{ kind: 'joinGroup', personId, groupId }]);
      for (const { faceId, embedding } of await store.embeddingsOf(personId, analyzer.model)) {
        await oracle.apply([{ kind: 'insertFace', faceId, personId, embedding }]);
      }
    }
  }
  return oracle.nearest({ probes: embeddings, groupIds: groups, count: 3 });
}

test('after any calls the index finds what the register holds, as one that is built anew does, for each appid apart', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const faults: unknown[] = [];
  await using sync = await follow(stores, faults);
  let runs = 0;
  const calls = fc.array(fc.tuple(fc.constantFrom('1', '2'), someCall), { maxLength: 30 });
  const property = fc.asyncProperty(calls, someGroups, async (calls, groups) => {
    runs += 1;
    const appids = { 1: `${runs}-1`, 2: `${runs}-2` } as Record<string, string>;
    for (const [i, [one, call]] of calls.entries()) {
      await unlessRefused(call(contextOf(stores, sync, appids[one]!)));
      if (i % 5 === 0) {
        const appid = appids[one]!;
        assert.deepEqual(await found(sync, appid, groups), await expected(stores, appid, groups));
      }
    }
    for (const appid of Object.values(appids)) {
      assert.deepEqual(await found(sync, appid, groupIds), await expected(stores, appid, groupIds));
    }
    if (runs % 10 !== 0) return;
    await using fresh = await follow(stores, faults);
    stores.watch((appid) => Promise.all([sync.notice(appid), fresh.notice(appid)]).then(() => {}));
    for (const appid of Object.values(appids)) {
      for (const groupId of groupIds) {
        assert.deepEqual(await found(fresh, appid, [groupId]), await found(sync, appid, [groupId]));
      }
    }
    stores.watch((appid) => sync.notice(appid));
  });
  await fc.assert(property, { numRuns: 50 });
  assert.deepEqual(faults, []);
});

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

test('an index that missed changes is built anew, and answers nothing until it is whole', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using others = await home.open();
  const faults: unknown[] = [];
  await using sync = await follow(stores, faults);
  await using theirs = await follow(others);
  const [mine, other] = [contextOf(stores, sync, '1'), contextOf(others, theirs, '1')];
  await registerPerson(mine, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  await registerPerson(other, { person: { id: 'q', name: '', tag: '' }, groupIds: ['g'], picture: picture(2) });
  await deletePerson(other, 'p');
  await others.feedOf('1').prune(await others.feedOf('1').position());
  const isLoading = (error: unknown) => error instanceof Refusal && error.refusal === 'unavailable';
  await assert.rejects(identify(mine, picture(1), ['g'], 'largest'), isLoading);
  assert.throws(() => sync.check(), /is loading/);
  await sync.ready;
  sync.check();
  assert.equal(faults.length, 1);
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
