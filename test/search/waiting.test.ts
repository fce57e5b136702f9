/** Searches and changes that wait for each other, are given up, or are ended by a failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join, removeFace, removePerson } from './changes.ts';
import { openStepped, type SteppedThreads } from './stepped.ts';
import { stranger } from './vectors.ts';

const dimension = 8;
const random = createRandom(10);
const [p, q, wanted] = [0, 1, 2].map(() => stranger(random, dimension)) as [Float32Array, Float32Array, Float32Array];
/** Secondary members of a group that one slice does not come to the end of: it takes 64 shares of 64. */
const longer = 5000;
const givenUp = new Error('given up');
/** A test whose searches or changes are never answered ends by this. */
const ends = { timeout: 10_000 };

interface Waiting {
  readonly index: Index;
  readonly gallery: SearchGallery;
  readonly threads: SteppedThreads;
  readonly nearest: (probe: Float32Array, signal?: AbortSignal, count?: number) => Promise<readonly string[]>;
}

/** A gallery with persons p and q in group a. */
async function openWaiting(threadCount = 1, ...more: readonly RegistryChange[]): Promise<Waiting> {
  const { index, threads } = await openStepped(dimension, threadCount);
  const gallery = index.of('1');
  await gallery.apply([face(1, 'p', p), ...join('p', 'a'), face(2, 'q', q), ...join('q', 'a'), ...more]);
  const nearest = async (probe: Float32Array, signal?: AbortSignal, count = 1): Promise<readonly string[]> => {
    const lists = await gallery.nearest({ probes: [probe], groupIds: ['a'], count, signal });
    return lists[0]!.map(({ personId }) => personId);
  };
  return { index, gallery, threads, nearest };
}

test('changes that wait for a scan are made in the order in which they came', ends, async () => {
  const { gallery, threads, nearest, index } = await openWaiting();
  const search = nearest(p);
  const changes = [[face(3, 'x', wanted)], [removePerson('x')], [face(4, 'y', wanted)], join('y', 'a')];
  const made: number[] = [];
  const outcomes = changes.map((change, i) => gallery.apply(change).then(() => made.push(i)));
  threads.finish();
  await Promise.all([search, ...outcomes]);
  assert.deepEqual(made, [0, 1, 2, 3]);
  assert.deepEqual([index.size().faces, index.size().persons], [3, 3]);
});

test('a change that is refused after it has waited does not keep those behind it', ends, async () => {
  const { gallery, threads, nearest } = await openWaiting();
  const search = nearest(p);
  const refused = assert.rejects(gallery.apply([face(3, 'x', wanted.subarray(1))]), RangeError);
  const change = gallery.apply([face(3, 'x', wanted), ...join('x', 'a')]);
  threads.finish();
  await Promise.all([search, refused, change]);
  const later = nearest(wanted);
  threads.finish();
  assert.deepEqual(await later, ['x']);
});

test('no scan begins before a change that came earlier is made', ends, async () => {
  const { gallery, threads, nearest } = await openWaiting(2);
  const first = nearest(p);
  const change = gallery.apply([removePerson('q')]);
  const later = nearest(q, undefined, 2);
  assert.equal(threads.orders.length, 1, 'the other thread is free, and waits');
  threads.finish();
  await Promise.all([first, change]);
  assert.deepEqual(await later, ['p']);
});

test('a change is made only when every scan under way has halted', ends, async () => {
  const { gallery, threads, nearest, index } = await openWaiting(2);
  const searches = [nearest(p), nearest(p, undefined, 2)];
  const change = gallery.apply([removePerson('q')]);
  threads.step();
  assert.equal(index.size().faces, 2, 'a thread may read what the change would overwrite');
  threads.step();
  assert.equal(index.size().faces, 1);
  await Promise.all([change, ...searches]);
});

test('a change waits for one slice of a scan, and the scan goes on without further halts', ends, async () => {
  const { gallery, threads, nearest } = await openWaiting(1, ...crowd('a', 3 * longer));
  const search = nearest(q);
  const change = gallery.apply([removeFace(1)]);
  threads.step();
  await change;
  threads.step();
  assert.deepEqual([threads.busy, threads.orders.length], [undefined, 2]);
  assert.deepEqual(await search, ['q']);
});

test('scans of other galleries go on while a change waits', ends, async () => {
  const { index, gallery, threads, nearest } = await openWaiting(2);
  const search = nearest(p);
  const change = gallery.apply([removePerson('q')]);
  const later = nearest(p);
  const other = index.of('other').nearest({ probes: [p], groupIds: ['a'], count: 1 });
  assert.equal(threads.orders.length, 2, 'the thread that is free takes the other gallery');
  threads.finish();
  assert.deepEqual(await other, [[]]);
  await Promise.all([search, change, later]);
});

test('a search that is given up between slices shifts nobody else’s lists', ends, async () => {
  const { gallery, threads, nearest } = await openWaiting(1, ...crowd('a', longer));
  const first = nearest(p);
  const controller = new AbortController();
  // These two share a scan, since the only thread is taken.
  const shared = [nearest(p, controller.signal), nearest(q)];
  threads.step();
  const change = gallery.apply([face(3, 'x', wanted)]);
  controller.abort(givenUp);
  threads.step();
  await change;
  assert.notEqual(threads.busy, undefined, 'the scan goes on');
  threads.finish();
  await first;
  assert.deepEqual(await Promise.all(shared), [['p'], ['q']]);
});

test('a search that is given up before its scan begins anew is dropped, and its neighbour answered', ends, async () => {
  const { gallery, threads, nearest } = await openWaiting(1, ...crowd('a', longer));
  const first = nearest(p);
  const controller = new AbortController();
  const rejected = assert.rejects(nearest(p, controller.signal), givenUp);
  const neighbour = nearest(q);
  threads.step();
  const change = gallery.apply([removePerson('q')]);
  threads.step();
  // What the first slice found is gone now, so the scan will be made again.
  controller.abort(givenUp);
  threads.finish();
  await Promise.all([change, first, rejected]);
  assert.deepEqual(await neighbour, ['p']);
});

test('searches that are all given up while they wait take no thread', ends, async () => {
  const { threads, nearest } = await openWaiting();
  const controller = new AbortController();
  const first = nearest(p);
  const givenUpTogether = [nearest(p, controller.signal), nearest(q, controller.signal)];
  const later = nearest(q, undefined, 2);
  controller.abort(givenUp);
  const rejected = givenUpTogether.map((search) => assert.rejects(search, givenUp));
  threads.finish();
  await Promise.all(rejected);
  assert.equal(threads.orders.length, 2);
  assert.deepEqual([await first, (await later).length], [['p'], 2]);
});

test('a search that is given up while it waits leaves its neighbours their own lists', ends, async () => {
  const { threads, nearest } = await openWaiting();
  const controller = new AbortController();
  const first = nearest(p);
  const rejected = assert.rejects(nearest(p, controller.signal), givenUp);
  const later = nearest(q);
  controller.abort(givenUp);
  threads.finish();
  await Promise.all([first, rejected]);
  assert.deepEqual(await later, ['q']);
});

test('a closed index has made the changes that waited, and ended its threads', ends, async () => {
  const { index, gallery, threads, nearest } = await openWaiting(3);
  const rejected = assert.rejects(nearest(p), /closed/);
  const change = gallery.apply([removePerson('q')]);
  await index[Symbol.asyncDispose]();
  await Promise.all([rejected, change]);
  assert.deepEqual([index.size().faces, threads.stopped], [1, 3]);
});

test(
  'an index one of whose threads does not start is refused with the reason, and leaves no thread behind',
  ends,
  async () => {
    const reason = new Error('no more threads');
    let stopped = 0;
    const opened = openIndex(
      { dimension, threads: 3 },
      {
        startThread: () => ({
          ready: Promise.reject(reason),
          scan: () => {},
          stop: async () => {
            stopped += 1;
          },
        }),
      },
    );
    await assert.rejects(opened, reason);
    assert.equal(stopped, 3);
  },
);
