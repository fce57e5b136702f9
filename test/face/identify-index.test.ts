/** The index holds what the database holds: after any calls, across restarts, and beside other processes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { type Follower, openFollower } from '../../src/app/follower.ts';
import type { Desk } from '../../src/domain/desk.ts';
import type { Eyes, SeenFace } from '../../src/domain/eyes.ts';
import { addFaces, eraseFaces, listFaces } from '../../src/domain/faces.ts';
import { joinGroups, leaveGroups } from '../../src/domain/groups.ts';
import { createFaceIds } from '../../src/domain/ids.ts';
import { erase, register } from '../../src/domain/persons.ts';
import { identify } from '../../src/domain/recognition.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { createRandom } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import { stranger } from '../search/vectors.ts';
import { limits } from '../store/fixtures.ts';
import { sqliteHome } from '../store/sqlite-home.ts';

const dimension = 8;
const random = createRandom(7);
/** What the eyes see in the pictures 0, 1, 2 …. */
const embeddings = Array.from({ length: 12 }, () => stranger(random, dimension));
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Eyes that see one face in a picture, which is one byte long: the embedding of that number. */
const eyes: Eyes = {
  model: 'bytes',
  dimension,
  similarity: (a, b) => 100 * cosine(a, b),
  score: (value) => 100 * value,
  async look(picture) {
    const embedding = embeddings[picture[0]!]!;
    const attributes = { gender: 0, age: 0, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 };
    const box = { x: 0, y: 0, width: 10, height: 10 };
    const never = undefined as never;
    const quality = { score: 100 };
    const face: SeenFace = { box, attributes, embedding, crop: new Uint8Array(1), quality, shape: never, signs: never };
    return { width: 10, height: 10, faces: [face], others: [], timings: {} };
  },
};

const newFaceId = createFaceIds(Date.now);
const picture = (number: number) => ({ open: async () => Uint8Array.of(number) });

function deskOf(stores: Stores, follower: Follower, appid: string): Desk {
  const { signal } = new AbortController();
  const gallery = follower.galleryOf(appid);
  const told = { onSight: () => {}, onQuality: () => {} };
  return { store: stores.of(appid), gallery, eyes, limits, newFaceId, qualityMin: 0, ...told, signal };
}

/** Opens an index over stores; a fault that nobody expects fails the test. */
async function follow(stores: Stores, faults: unknown[] = []): Promise<Follower> {
  const follower = await openFollower({ stores, eyes, onFault: (error) => faults.push(error) });
  await follower.ready;
  return follower;
}

const groupIds = ['g', '组', 'h'];
const personIds = ['a', 'b', '张三', 'd'];
const somePerson = fc.constantFrom(...personIds);
const someGroups = fc.subarray(groupIds, { minLength: 1 });
const someNumber = fc.nat(embeddings.length - 1);

/** A call of the domain. Faces are named by their place among the person's, since their ids are made anew. */
type Call = (desk: Desk) => Promise<unknown>;
const someCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(somePerson, someGroups, someNumber).map(
      ([id, groups, number]): Call =>
        (desk) =>
          register(desk, { person: { id, name: '', tag: '' }, groupIds: groups, picture: picture(number) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(someNumber, { maxLength: 4 })).map(
      ([personId, numbers]): Call =>
        (desk) =>
          addFaces(desk, { personId, tag: '', pictures: numbers.map(picture) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, fc.array(fc.nat(4), { minLength: 1, maxLength: 3 })).map(
      ([personId, places]): Call =>
        async (desk) => {
          const faces = await listFaces(desk, personId);
          return eraseFaces(
            desk,
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
        (desk) =>
          erase(desk, id),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (desk) =>
          joinGroups(desk, id, groups),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(somePerson, someGroups).map(
      ([id, groups]): Call =>
        (desk) =>
          leaveGroups(desk, id, groups),
    ),
  },
);

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

/** What a search of some groups for every picture finds. */
async function found(follower: Follower, appid: string, groups: readonly string[]) {
  const { signal } = new AbortController();
  return follower.galleryOf(appid).nearest({ probes: embeddings, groupIds: groups, count: 3, signal });
}

/** What it must find: the register read person by person, and compared one by one. */
async function expected(stores: Stores, appid: string, groups: readonly string[]) {
  const store = stores.of(appid);
  const oracle = new Oracle();
  for (const groupId of await store.groups()) {
    for (const personId of (await store.membersOf(groupId)) ?? []) {
      await oracle.apply([{ kind: 'joinGroup', personId, groupId }]);
      for (const { faceId, embedding } of await store.embeddingsOf(personId, eyes.model)) {
        await oracle.apply([{ kind: 'insertFace', faceId: BigInt(faceId), personId, embedding }]);
      }
    }
  }
  const lists = await oracle.nearest({ probes: embeddings, groupIds: groups, count: 3 });
  return lists.map((list) =>
    list.map(({ personId, faceId, similarity }) => ({ personId, faceId: `${faceId}`, cosine: similarity })),
  );
}

test('after any calls the index finds what the register holds, as one that is built anew does, for each appid apart', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  const faults: unknown[] = [];
  await using follower = await follow(stores, faults);
  let runs = 0;
  const calls = fc.array(fc.tuple(fc.constantFrom('1', '2'), someCall), { maxLength: 30 });
  const property = fc.asyncProperty(calls, someGroups, async (calls, groups) => {
    runs += 1;
    const appids = { 1: `${runs}-1`, 2: `${runs}-2` } as Record<string, string>;
    for (const [i, [one, call]] of calls.entries()) {
      await unlessRefused(call(deskOf(stores, follower, appids[one]!)));
      if (i % 5 === 0) {
        const appid = appids[one]!;
        assert.deepEqual(await found(follower, appid, groups), await expected(stores, appid, groups));
      }
    }
    for (const appid of Object.values(appids)) {
      assert.deepEqual(await found(follower, appid, groupIds), await expected(stores, appid, groupIds));
    }
    if (runs % 10 !== 0) return;
    await using fresh = await follow(stores, faults);
    stores.watch((appid) => Promise.all([follower.notice(appid), fresh.notice(appid)]).then(() => {}));
    for (const appid of Object.values(appids)) {
      for (const groupId of groupIds) {
        assert.deepEqual(await found(fresh, appid, [groupId]), await found(follower, appid, [groupId]));
      }
    }
    stores.watch((appid) => follower.notice(appid));
  });
  await fc.assert(property, { numRuns: 50 });
  assert.deepEqual(faults, []);
});

test('who was erased is in no answer to a call that began after, whatever else goes on', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using follower = await follow(stores);
  const desk = deskOf(stores, follower, '1');
  await register(desk, { person: { id: 'stays', name: '', tag: '' }, groupIds: ['g'], picture: picture(11) });
  const gone = new Set<string>();
  let searches = 0;
  const lane = async (lane: number) => {
    for (let i = 0; i < 10; i++) {
      const id = `${lane}-${i}`;
      await register(desk, { person: { id, name: '', tag: '' }, groupIds: ['g'], picture: picture(lane) });
      const [mine] = await identify(desk, picture(lane), ['g'], 'largest');
      assert.equal(mine?.candidates[0]?.personId, id, 'found as soon as it was registered');
      await erase(desk, id);
      gone.add(id);
    }
  };
  const lanes = [0, 1, 2, 3].map(lane);
  let going = true;
  const searching = Array.from({ length: 4 }, async (_, probe) => {
    while (going) {
      const before = new Set(gone);
      const [face] = await identify(desk, picture(probe), ['g'], 'largest');
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
  assert.deepEqual(follower.size().faces, 1);
});

test('a copy of a picture comes before whoever has the nearer cosine, and equals stay as the search has them', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using follower = await follow(stores);
  const desk = deskOf(stores, follower, '1');
  for (const number of [0, 1, 2, 3]) {
    const person = { id: `${number}`, name: '', tag: '' };
    await register(desk, { person, groupIds: ['g'], picture: picture(number) });
  }
  const searched = (await found(follower, '1', ['g']))[0]!.map(({ personId }) => personId);
  const copy = embeddings[Number(searched[2])]!;
  const isCopy = (embedding: Float32Array) => embedding.every((value, i) => value === copy[i]);
  const similarity = (_: Float32Array, embedding: Float32Array) => (isCopy(embedding) ? 99 : 50);
  const [face] = await identify({ ...desk, eyes: { ...eyes, similarity } }, picture(0), ['g'], 'largest');
  const told = face!.candidates.map(({ personId, confidence }) => [personId, confidence]);
  assert.deepEqual(told.slice(0, 3), [
    [searched[2], 99],
    [searched[0], 50],
    [searched[1], 50],
  ]);
});

test('what another process writes is found by the next call, and no longer when it erases it', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using others = await home.open();
  await using follower = await follow(stores);
  await using theirs = await follow(others);
  const [mine, other] = [deskOf(stores, follower, '1'), deskOf(others, theirs, '1')];
  await register(other, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  const [face] = await identify(mine, picture(1), ['g'], 'largest');
  assert.equal(face?.candidates[0]?.personId, 'p');
  await register(mine, { person: { id: 'q', name: '', tag: '' }, groupIds: ['g'], picture: picture(2) });
  await erase(other, 'p');
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
  await using follower = await follow(stores, faults);
  await using theirs = await follow(others);
  const [mine, other] = [deskOf(stores, follower, '1'), deskOf(others, theirs, '1')];
  await register(mine, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  await register(other, { person: { id: 'q', name: '', tag: '' }, groupIds: ['g'], picture: picture(2) });
  await erase(other, 'p');
  await others.feedOf('1').forget(await others.feedOf('1').position());
  const isLoading = (error: unknown) => error instanceof Refusal && error.refusal === 'keyStoreUnavailable';
  await assert.rejects(identify(mine, picture(1), ['g'], 'largest'), isLoading);
  assert.throws(() => follower.check(), /is loading/);
  await follower.ready;
  follower.check();
  assert.equal(faults.length, 1);
  assert.deepEqual(await found(follower, '1', ['g']), await expected(stores, '1', ['g']));
});

test('embeddings of another model are not searched', async () => {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await using follower = await follow(stores);
  const older = { ...deskOf(stores, follower, '1'), eyes: { ...eyes, model: 'older', dimension: 3 } };
  await register(older, { person: { id: 'p', name: '', tag: '' }, groupIds: ['g'], picture: picture(1) });
  await register(deskOf(stores, follower, '1'), {
    person: { id: 'q', name: '', tag: '' },
    groupIds: ['g'],
    picture: picture(2),
  });
  await using fresh = await follow(stores);
  for (const one of [follower, fresh]) {
    const lists = await found(one, '1', ['g']);
    assert.ok(lists.every((list) => list.length === 1 && list[0]?.personId === 'q'));
  }
});
