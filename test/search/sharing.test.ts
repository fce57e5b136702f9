import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Match } from '../../src/domain/gallery.ts';
import type { SearchGallery } from '../../src/search/gallery.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join } from './changes.ts';
import { openStepped } from './stepped.ts';
import { stranger } from './vectors.ts';

const dimension = 8;
const random = createRandom(6);
const people = Array.from({ length: 80 }, () => stranger(random, dimension));
const [probe] = people as [Float32Array, ...Float32Array[]];

/** The names of those found for each probe. */
async function names(search: Promise<readonly (readonly Match[])[]>): Promise<readonly (readonly string[])[]> {
  return (await search).map((list) => list.map(({ personId }) => personId));
}

/** A person with one face. */
function put(personId: string, embedding: Float32Array, groupId: string, id: number): readonly RegistryChange[] {
  return [face(id, personId, embedding), ...join(personId, groupId)];
}

/** Fills a group with `count` of {@link people}, called by their number, each with the face of that number. */
async function fill(gallery: SearchGallery, groupId: string, count: number): Promise<void> {
  await gallery.apply(people.slice(0, count).flatMap((embedding, i) => put(`${i}`, embedding, groupId, i)));
}

test('searches of two tenants that wait together are each answered with their own persons', async () => {
  const { index, threads } = await openStepped(dimension);
  const [one, other] = [index.of('one'), index.of('other')];
  await one.apply(put('mine', probe, 'a', 1));
  await other.apply(put('theirs', probe, 'a', 1));
  const query = { probes: [probe], groupIds: ['a'], count: 1 };
  // The first search takes the only thread, so that the others wait together.
  const first = one.nearest(query);
  const searches = [one, other, one, other].map((gallery) => names(gallery.nearest(query)));
  threads.finish();
  await first;
  assert.deepEqual(await Promise.all(searches), [[['mine']], [['theirs']], [['mine']], [['theirs']]]);
});

test('a tenant whose searches are many and long does not keep others from theirs', async () => {
  let now = 0;
  const { index, threads } = await openStepped(dimension, 1, { now: () => now });
  const [flood, other] = [index.of('flood'), index.of('other')];
  const groupIds = ['a', 'b', 'c', 'd'];
  for (const gallery of [flood, other]) {
    await gallery.apply(groupIds.flatMap((groupId, i) => put(groupId, people[i]!, groupId, i)));
  }
  const order: string[] = [];
  const search = async (gallery: SearchGallery, name: string, groupId: string): Promise<void> => {
    await gallery.nearest({ probes: [probe], groupIds: [groupId], count: 1 });
    order.push(`${name} ${groupId}`);
  };
  const searches = [
    ...groupIds.map((groupId) => search(flood, 'flood', groupId)),
    ...['a', 'b'].map((groupId) => search(other, 'other', groupId)),
  ];
  await setImmediate();
  for (const ms of [100, 1, 1, 100, 100]) {
    now += ms;
    threads.step();
  }
  searches.push(search(other, 'other', 'c'));
  threads.finish();
  await Promise.all(searches);
  assert.deepEqual(order, ['flood a', 'other a', 'other b', 'flood b', 'flood c', 'flood d', 'other c']);
});

test('searches that wait together get lists as long as each asked for', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await fill(gallery, 'a', 9);
  const searches = [1, 2, 5, 3].map((count) => gallery.nearest({ probes: [probe], groupIds: ['a'], count }));
  threads.finish();
  assert.deepEqual(
    (await Promise.all(searches)).map(([list]) => list!.length),
    [1, 2, 5, 3],
  );
});

test('searches that wait together look into the groups that each asked for', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await gallery.apply(['a', 'b', 'c'].flatMap((groupId, i) => put(groupId, people[i]!, groupId, i)));
  const asked = [['c'], ['a'], ['a', 'b'], ['b'], ['b', 'a'], ['a', 'c'], []];
  const searches = asked.map((groupIds) => names(gallery.nearest({ probes: [probe], groupIds, count: 9 })));
  threads.finish();
  const found = (await Promise.all(searches)).map(([list]) => [...list!].sort());
  assert.deepEqual(
    found,
    asked.map((groupIds) => [...groupIds].sort()),
  );
});

test('searches that share a scan get the lists of their own probes, in order', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await fill(gallery, 'a', 12);
  const asked = [[0], [1, 2], [3], [4, 5, 6], [7, 8]];
  const searches = asked.map((numbers) =>
    names(gallery.nearest({ probes: numbers.map((i) => people[i]!), groupIds: ['a'], count: 1 })),
  );
  threads.finish();
  assert.deepEqual(
    await Promise.all(searches),
    asked.map((numbers) => numbers.map((i) => [`${i}`])),
  );
  assert.equal(threads.orders.length, 2, 'those that waited shared a scan');
});

test('a scan is shared by searches of sixteen probes at most, however many wait', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await fill(gallery, 'a', people.length);
  const nearest = (...numbers: readonly number[]) =>
    names(gallery.nearest({ probes: numbers.map((i) => people[i]!), groupIds: ['a'], count: 1 }));
  const searches = [nearest(0), nearest(1, 2), ...people.slice(3).map((_, i) => nearest(i + 3))];
  threads.finish();
  assert.deepEqual(
    (await Promise.all(searches)).flat(),
    people.map((_, i) => [`${i}`]),
  );
  assert.deepEqual(
    threads.orders.map(({ probes }) => probes.length),
    [1, 16, 16, 16, 16, 15],
  );
});

test('a search of more probes than one scan takes is answered for each of them, in order', async () => {
  const { index, threads } = await openStepped(dimension);
  const gallery = index.of('1');
  await fill(gallery, 'a', people.length);
  const search = names(gallery.nearest({ probes: people, groupIds: ['a'], count: 1 }));
  threads.finish();
  assert.deepEqual(
    await search,
    people.map((_, i) => [`${i}`]),
  );
});

test('a search is not added to a scan that has begun', async () => {
  const { index, threads } = await openStepped(dimension, 2);
  const gallery = index.of('1');
  await gallery.apply([...put('0', people[0]!, 'a', 0), ...put('1', people[1]!, 'b', 1), ...crowd('a', 2000)]);
  const nearest = (i: number, groupId: string) =>
    names(gallery.nearest({ probes: [people[i]!], groupIds: [groupId], count: 1 }));
  // One thread is taken, so the scan of the large group has begun, and still waits for a second one.
  const searches = [nearest(1, 'b'), nearest(0, 'a'), nearest(0, 'a')];
  threads.finish();
  assert.deepEqual(await Promise.all(searches), [[['1']], [['0']], [['0']]]);
});

test('a scan of many shares is divided among the threads that are free, and those that become free', async () => {
  const { index, threads } = await openStepped(dimension, 3);
  const gallery = index.of('1');
  await gallery.apply([...put('0', people[0]!, 'a', 0), ...put('1', people[1]!, 'b', 1), ...crowd('a', 2000)]);
  const nearest = (i: number, groupId: string) =>
    names(gallery.nearest({ probes: [people[i]!], groupIds: [groupId], count: 1 }));
  const searches = [nearest(1, 'b'), nearest(0, 'a')];
  const idsOfOrders = () => threads.orders.map(({ id }) => id);
  assert.deepEqual(idsOfOrders(), [1, 2, 2], 'the small group takes one thread');
  threads.step(2);
  assert.deepEqual(idsOfOrders(), [1, 2, 2, 2]);
  assert.equal(new Set(threads.orders.slice(1)).size, 1, 'threads of one scan have one order');
  threads.finish();
  assert.deepEqual(await Promise.all(searches), [[['1']], [['0']]]);
  assert.equal(threads.orders.length, 4);
});
