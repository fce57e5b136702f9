/** Scans that changes come between: what is found is right before the changes or after them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchGallery } from '../../src/search/gallery.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join, leave, removeFace, removePerson } from './changes.ts';
import { openStepped, type SteppedThreads } from './stepped.ts';
import { picture, stranger } from './vectors.ts';

const dimension = 8;
const random = createRandom(8);
const wanted = stranger(random, dimension);
const like = (spread: number): Float32Array => picture(random, wanted, spread);
/** Secondary members of a group that one slice does not come to the end of: it takes 64 shares of 64. */
const longer = 5000;

/** Someone who is a secondary member of groups, with a face like {@link wanted}. */
function secondary(personId: string, id: number, ...groupIds: readonly string[]): readonly RegistryChange[] {
  return [...join(personId, 'elsewhere', ...groupIds), face(id, personId, wanted)];
}

interface Stage {
  readonly gallery: SearchGallery;
  readonly threads: SteppedThreads;
  /** Whom a search finds that the changes come between, after its first slice. */
  during(changes: readonly RegistryChange[], count?: number): Promise<readonly string[]>;
}

/** A gallery, and how to disturb searches of its groups. */
async function openStage(first: readonly RegistryChange[], ...groupIds: readonly string[]): Promise<Stage> {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await gallery.apply(first);
  const during = async (changes: readonly RegistryChange[], count = 2): Promise<readonly string[]> => {
    const search = gallery.nearest({ probes: [wanted], groupIds, count });
    const change = gallery.apply(changes);
    threads.step();
    await change;
    assert.notEqual(threads.busy, undefined, 'the change came before the end of the scan');
    threads.finish();
    return (await search)[0]!.map(({ personId }) => personId);
  };
  return { gallery, threads, during };
}

test('secondary members who leave a group while it is scanned are found all or none', async () => {
  const first = [...secondary('x', 1, 'a'), ...crowd('a', longer), ...secondary('y', 2, 'a')];
  const { during } = await openStage(first, 'a');
  const found = await during([...leave('x', 'a'), ...leave('y', 'a')]);
  assert.ok(found.length !== 1, `found only ${found}`);
});

test('whoever gets the place in the list of a secondary member who leaves is still found', async () => {
  const ways = { leaves: leave('x', 'a'), 'is removed': removePerson('x'), 'moves in': leave('x', 'elsewhere') };
  for (const [way, changes] of Object.entries(ways)) {
    const first = [...join('x', 'elsewhere', 'a'), ...crowd('a', longer), ...secondary('last', 2, 'a')];
    const { during } = await openStage(first, 'a');
    assert.deepEqual(await during([changes].flat()), ['last'], `x ${way}`);
  }
});

test('a person who is removed in mid-scan is not answered, nor another one in their place', async () => {
  const { during } = await openStage([...secondary('x', 1, 'a'), ...crowd('a', longer)], 'a');
  const found = await during([removePerson('x'), ...join('successor', 'b'), face(2, 'successor', wanted)]);
  assert.deepEqual(found, []);
});

test('faces that are filed in mid-scan are found all or none', async () => {
  const first = [...join('x', 'elsewhere', 'a'), ...crowd('a', longer), ...join('y', 'elsewhere', 'a')];
  const { during } = await openStage(first, 'a');
  const found = await during([face(1, 'x', wanted), face(2, 'y', wanted)]);
  assert.ok(found.length !== 1, `found only ${found}`);
});

// In the following tests the face that goes is the last of its group, so that no other moves into its place.

test('a face that is removed in mid-scan is not answered, and keeps nobody away', async () => {
  const first = [...secondary('next', 2, 'a'), ...secondary('x', 1, 'a'), ...crowd('a', longer)];
  const { during } = await openStage(first, 'a');
  assert.deepEqual(await during([removeFace(1)], 1), ['next']);
});

test('a face that another takes the place of in mid-scan keeps nobody away that is more like', async () => {
  const first = [...secondary('next', 2, 'a'), ...secondary('x', 1, 'a'), ...crowd('a', longer)];
  const { during } = await openStage(first, 'a');
  assert.deepEqual(await during([face(1, 'x', like(2))], 1), ['next']);
});

test('a person whose best face goes to another in mid-scan is found by the next best', async () => {
  const first = [
    face(2, 'x', like(0.5)),
    ...secondary('x', 1, 'a'),
    ...join('y', 'elsewhere', 'a'),
    ...crowd('a', longer),
  ];
  const { during } = await openStage(first, 'a');
  assert.deepEqual(await during([face(1, 'y', wanted)]), ['y', 'x']);
});

test('persons who join groups in mid-scan are found in all of them or in none', async () => {
  const first = [
    ...['x', 'y'].flatMap((name, i) => secondary(name, i + 1)),
    ...join('someone', 'elsewhere', 'a'),
    ...crowd('b', longer),
  ];
  const { during } = await openStage(first, 'a', 'b');
  const found = await during([...join('x', 'a'), ...join('y', 'b')]);
  assert.ok(found.length !== 1, `found only ${found}`);
});

test('a search that every change disturbs is answered before the changes end', async () => {
  const disturbing = Array.from({ length: 12 }, (_, i) => `x${i}`);
  const first = [...disturbing.flatMap((name, i) => secondary(name, i, 'a')), ...crowd('a', longer)];
  const { gallery, threads } = await openStage(first);
  const search = gallery.nearest({ probes: [wanted], groupIds: ['a'], count: disturbing.length });
  const changes: Promise<void>[] = [];
  for (const name of disturbing) {
    // Each of them has been found by then.
    changes.push(gallery.apply([removePerson(name)]));
    if (threads.busy === undefined) break;
    threads.step();
  }
  assert.equal(threads.busy, undefined, 'the search is answered');
  assert.ok(changes.length < disturbing.length);
  const [found] = await search;
  const left = disturbing.length - found!.length;
  assert.deepEqual(
    found!.map(({ personId }) => personId),
    disturbing.slice(left),
    'without those who went before it began anew',
  );
  await Promise.all(changes);
});

test('a scan that changes have touched many faces of goes on to its end without a halt', async () => {
  const { gallery, threads } = await openStage(crowd('a', 4 * longer));
  const search = gallery.nearest({ probes: [wanted], groupIds: ['a'], count: 1 });
  const touch = (from: number) =>
    gallery.apply(Array.from({ length: 512 }, (_, i) => face(from + i, 'somebody', wanted)));
  const few = gallery.apply([face(0, 'somebody', wanted)]);
  threads.step();
  const many = touch(1);
  threads.step();
  await Promise.all([few, many]);
  const next = touch(1000);
  threads.step();
  assert.equal(threads.busy, undefined, 'the third slice was the last');
  assert.equal(threads.orders.length, 3);
  await Promise.all([search, next]);
});

test('a scan that begins anew finds the secondary members of several groups whom it had seen before', async () => {
  const first = [...secondary('x', 1, 'a'), ...secondary('both', 2, 'a', 'b'), ...crowd('b', longer)];
  const { during } = await openStage(first, 'a', 'b');
  assert.deepEqual(await during([removePerson('x')]), ['both']);
});
