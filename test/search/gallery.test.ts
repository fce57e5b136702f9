import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import { probesMax } from '../../src/search/scan.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { face, join, removeFace, removePerson } from './changes.ts';
import { Oracle } from './oracle.ts';
import { normalize, picture, stranger } from './vectors.ts';

/** Not a multiple of the kernel's 8. */
const dimension = 21;
let index: Index;
let appids = 0;
const nextGallery = (): SearchGallery => index.of(String(++appids));

before(async () => {
  index = await openIndex({ dimension, threads: 3 });
});
after(() => index[Symbol.asyncDispose]());

/** Few enough that faces equal each other and are tied. */
const palette = Array.from({ length: 12 }, (_, seed) => stranger(createRandom(seed), dimension));
const embedding = fc.oneof(
  fc.constantFrom(...palette),
  fc.integer().map((seed) => stranger(createRandom(seed), dimension)),
  fc
    .tuple(fc.constantFrom(...palette), fc.integer())
    .map(([person, seed]) => picture(createRandom(seed), person, 1e-4)),
  fc.nat(dimension - 1).map((axis) => Float32Array.from({ length: dimension }, (_, i) => (i === axis ? -1 : 0))),
);
const faceId = fc
  .oneof(fc.bigInt({ min: 1n, max: 30n }), fc.constantFrom(-(2n ** 63n), 0n, 2n ** 63n - 1n))
  .map(String);
const personId = fc.constantFrom(...Array.from({ length: 9 }, (_, i) => `person-${i}`), '张三');
const groupId = fc.constantFrom('a', 'b', 'c', 'd');
const change: fc.Arbitrary<RegistryChange> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('insertFace'), faceId, personId, embedding }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('joinGroup'), personId, groupId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leaveGroup'), personId, groupId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeFace'), faceId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removePerson'), personId }) },
);
const query = fc.record({
  probes: fc.array(embedding, { minLength: 1, maxLength: 20 }),
  groupIds: fc.array(groupId, { maxLength: 5 }),
  count: fc.integer({ min: 1, max: 6 }),
});

test('finds what the oracle finds, in the same order, after any sequence of changes', async () => {
  const steps = fc.array(fc.tuple(fc.array(change, { maxLength: 12 }), query), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const [gallery, oracle] = [nextGallery(), new Oracle()];
      for (const [changes, asked] of steps) {
        await gallery.apply(changes);
        await oracle.apply(changes);
        assert.deepEqual(await gallery.nearest(asked), await oracle.nearest(asked));
      }
    }),
    { numRuns: 150 },
  );
});

test('a search sees every change that came before it, and of those that come while it waits none before another', async () => {
  const steps = fc.array(fc.oneof(fc.array(change, { maxLength: 4 }), query), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const gallery = nextGallery();
      const outcomes: Promise<unknown>[] = [];
      for (const [i, step] of steps.entries()) {
        if (Array.isArray(step)) outcomes.push(gallery.apply(step));
        else outcomes.push(gallery.nearest(step).then((found) => assertSeen(found, step, steps, i)));
      }
      await Promise.all(outcomes);
    }),
    { numRuns: 100 },
  );
});

/** Asserts that the answer to step `i` is what the oracle finds there or after one of the changes that follow. */
async function assertSeen(
  found: unknown,
  query: GalleryQuery,
  steps: readonly (readonly RegistryChange[] | GalleryQuery)[],
  i: number,
): Promise<void> {
  const oracle = new Oracle();
  const expected: unknown[] = [];
  for (const [at, step] of steps.entries()) {
    if (!('probes' in step)) await oracle.apply(step);
    if (at >= i) expected.push(await oracle.nearest(query));
  }
  assert.ok(expected.some((one) => isDeepStrictEqual(one, found)));
}

test('galleries do not see each other', async () => {
  const [one, other] = [nextGallery(), nextGallery()];
  const probe = palette[0]!;
  const faceOf = (personId: string) => [face(1, personId, probe), ...join(personId, 'a')];
  await one.apply(faceOf('one'));
  await other.apply(faceOf('other'));
  await other.apply([removePerson('one')]);
  const names = async (gallery: SearchGallery): Promise<string[]> =>
    (await gallery.nearest({ probes: [probe], groupIds: ['a'], count: 9 }))[0]!.map(({ personId }) => personId);
  assert.deepEqual([await names(one), await names(other)], [['one'], ['other']]);
});

test('a gallery that is emptied holds nothing, gives its room back, hurts no other, and can be filled again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 60 }),
      fc.array(change, { maxLength: 60 }),
      query,
      async (first, then, asked) => {
        const [gallery, oracle, other, same] = [nextGallery(), new Oracle(), nextGallery(), new Oracle()];
        const before = index.size();
        await gallery.apply(first);
        await gallery.clear();
        assert.deepEqual({ ...index.size(), sharedBytes: 0 }, { ...before, sharedBytes: 0 });
        assert.deepEqual(
          await gallery.nearest(asked),
          asked.probes.map(() => []),
        );
        for (const one of [gallery, oracle, other, same]) await one.apply(then);
        assert.deepEqual(await gallery.nearest(asked), await oracle.nearest(asked));
        await gallery.clear();
        assert.deepEqual(await other.nearest(asked), await same.nearest(asked));
        await other.clear();
      },
    ),
    { numRuns: 60 },
  );
});

test('a large gallery is emptied in parts, between which others have their turn', async () => {
  const gallery = nextGallery();
  const before = index.size().persons;
  const persons = Array.from({ length: 1_000 }, (_, i) => `person-${i}`);
  await gallery.apply(persons.flatMap((personId, i) => [face(i, personId, palette[0]!), ...join(personId, 'a', 'b')]));
  const seen: number[] = [];
  const clearing = gallery.clear();
  for (let turns = 0; index.size().persons > before; turns++) {
    assert.ok(turns < 1_000);
    seen.push(index.size().persons - before);
    await setImmediate();
  }
  await clearing;
  assert.ok(
    seen.some((left) => left > 0 && left < 1_000),
    String(seen),
  );
});

test('a search under way never sees half a change', async () => {
  const gallery = nextGallery();
  const random = createRandom(1);
  const probe = stranger(random, dimension);
  const put = (personId: string, id = 1, embedding = probe) => [face(id, personId, embedding), ...join(personId, 'a')];
  const crowd = Array.from({ length: 4000 }, (_, i) => put(`crowd-${i}`, i + 10, stranger(random, dimension)));
  await gallery.apply([...crowd.flat(), ...put('x')]);
  // As many as a scan takes, so that its slices are short.
  const probes = Array.from({ length: probesMax }, (_, i) => (i === 0 ? probe : palette[i % palette.length]!));
  const outcomes: Promise<void>[] = [];
  const seen = new Set<string>();
  for (let turn = 0; turn < 60; turn++) {
    const [gone, here] = turn % 2 === 0 ? ['x', 'y'] : ['y', 'x'];
    const search = gallery.nearest({ probes, groupIds: ['a'], count: 2 });
    outcomes.push(
      search.then(([found]) => {
        const exact = found!.filter(({ faceId }) => faceId === '1').map(({ personId }) => personId);
        assert.equal(exact.length, 1, 'neither both nor none');
        seen.add(exact[0]!);
      }),
    );
    outcomes.push(gallery.apply([removePerson(gone), ...put(here)]));
    if (turn % 7 === 0) await Promise.all(outcomes);
  }
  await Promise.all(outcomes);
  assert.deepEqual([...seen].sort(), ['x', 'y']);
});

test('a refused change leaves everything as it was', async () => {
  const gallery = nextGallery();
  const good = palette[0]!;
  const insert = (faceId: bigint, embedding: Float32Array): RegistryChange => face(faceId, 'p', embedding);
  const called = (faceId: string): RegistryChange => ({ kind: 'insertFace', faceId, personId: 'p', embedding: good });
  const size = index.size();
  const refused = [
    insert(2n, good.subarray(1)),
    insert(
      2n,
      normalize(good.slice()).map((element) => element * 1.1),
    ),
    insert(2n, new Float32Array(dimension)),
    insert(2n, new Float32Array(dimension).fill(Number.NaN)),
    insert(2n ** 63n, good),
    insert(-(2n ** 63n) - 1n, good),
    ...['', 'face-2', '2.0', '0x2', '02', '-0', ' 2', '2\n'].map(called),
    removeFace(2n ** 63n),
  ];
  for (const change of refused) await assert.rejects(gallery.apply([insert(1n, good), change]), RangeError);
  assert.deepEqual(index.size(), size);
  const ask = { groupIds: ['a'], count: 1 };
  for (const probe of [good.subarray(1), new Float32Array(dimension)]) {
    await assert.rejects(gallery.nearest({ ...ask, probes: [probe] }), RangeError);
  }
  await assert.rejects(gallery.nearest({ ...ask, probes: [good], count: 0 }), RangeError);
});

test('a search that was given up before its turn rejects with the reason, and its neighbours are answered', async () => {
  const gallery = nextGallery();
  const probes = [palette[0]!];
  await gallery.apply([face(1, 'p', probes[0]!), ...join('p', 'a')]);
  const query = { probes, groupIds: ['a'], count: 1 };
  const reason = new Error('given up');
  await assert.rejects(gallery.nearest({ ...query, signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const searches = Array.from({ length: 12 }, () => gallery.nearest(query));
  const given = gallery.nearest({ ...query, signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(given, reason);
  for (const search of searches) assert.equal((await search)[0]![0]!.personId, 'p');
});

test('a closed index answers every search, those that wait included, with an error', async () => {
  const closed = await openIndex({ dimension, threads: 1 });
  const gallery = closed.of('1');
  await gallery.apply([face(1, 'p', palette[0]!), ...join('p', 'a')]);
  const query = { probes: [palette[0]!], groupIds: ['a'], count: 1 };
  const waiting = [gallery.nearest(query), gallery.nearest({ ...query, count: 2 })].map((search) =>
    assert.rejects(search, /closed/),
  );
  await closed[Symbol.asyncDispose]();
  await Promise.all(waiting);
  await assert.rejects(gallery.nearest(query), /closed/);
});
