/** Threads that search and die: each is replaced, its search is made again, and readiness tells of it meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Index } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import { reporting, type StartThread } from '../../src/search/threads.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join, removePerson } from './changes.ts';
import { openStepped, SteppedThreads } from './stepped.ts';
import { stranger } from './vectors.ts';

const dimension = 8;
const random = createRandom(12);
const [p, q] = [0, 1].map(() => stranger(random, dimension)) as [Float32Array, Float32Array];
const outOfMemory = new Error('out of memory');
/** A test whose searches or changes are never answered ends by this. */
const ends = { timeout: 20_000 };
const missing = /of \d threads that search have ended/;

/** Persons p and q in group a; more secondary members than a slice comes to the end of. */
const people = [face(1, 'p', p), ...join('p', 'a'), face(2, 'q', q), ...join('q', 'a'), ...crowd('a', 5000)];

async function open(threadCount: number, faults: unknown[] = []) {
  const { index, threads } = await openStepped(dimension, threadCount, {}, (error) => void faults.push(error));
  const gallery = index.of('1');
  await gallery.apply(people);
  const nearest = async (probe: Float32Array, count = 1): Promise<readonly string[]> => {
    const lists = await gallery.nearest({ probes: [probe], groupIds: ['a'], count });
    return lists[0]!.map(({ personId }) => personId);
  };
  return { index, gallery, threads, nearest };
}

/** Lets a replacement start: pauses begin with ten milliseconds. */
async function untilReplaced(index: Index): Promise<void> {
  for (let isMissing = true; isMissing; await sleep(5)) {
    try {
      index.check();
      isMissing = false;
    } catch (error) {
      assert.match(String(error), missing);
    }
  }
}

test('a search whose only thread dies is made again by the thread that replaces it', ends, async () => {
  const faults: unknown[] = [];
  await using opened = await open(1, faults).then(disposing);
  const { index, threads, nearest } = opened;
  const search = nearest(q);
  threads.step();
  threads.die(outOfMemory);
  assert.throws(() => index.check(), missing);
  assert.deepEqual(faults, [outOfMemory]);
  await untilReplaced(index);
  threads.finish();
  assert.deepEqual(await search, ['q']);
  const later = nearest(p);
  threads.finish();
  assert.deepEqual(await later, ['p']);
});

test('what another thread found for the same scan is not taken twice, and nobody is passed over', ends, async () => {
  await using opened = await open(2).then(disposing);
  const { index, threads, nearest } = opened;
  const search = nearest(q, 2);
  assert.equal(threads.orders.length, 2, 'both threads scan');
  threads.step(1);
  threads.die(outOfMemory, 0);
  threads.finish();
  assert.deepEqual([...(await search)].sort(), ['p', 'q'], 'the thread that is left makes the scan');
  const ids = new Set(threads.orders.map(({ id }) => id));
  assert.equal(ids.size, 2, 'under another number, since the dead one has marked persons as seen');
  await untilReplaced(index);
});

test('a thread that dies while it has nothing to do is given nothing more', ends, async () => {
  await using opened = await open(2).then(disposing);
  const { index, threads, nearest } = opened;
  threads.die(outOfMemory, 1);
  const search = nearest(q);
  threads.finish();
  assert.deepEqual(await search, ['q']);
  await untilReplaced(index);
});

test('a change that waits for a slice whose thread dies is made', ends, async () => {
  await using opened = await open(1).then(disposing);
  const { index, gallery, threads, nearest } = opened;
  const search = nearest(q, 2);
  const change = gallery.apply([removePerson('q')]);
  threads.die(outOfMemory);
  await change;
  await untilReplaced(index);
  threads.finish();
  assert.deepEqual(await search, ['p']);
});

test('a scan of which threads die twice is given up with the reason, and other searches go on', ends, async () => {
  await using opened = await open(1).then(disposing);
  const { index, threads, nearest } = opened;
  const search = assert.rejects(nearest(q), outOfMemory);
  const other = nearest(p, 2);
  for (let deaths = 0; deaths < 2; deaths++) {
    threads.die(outOfMemory);
    await untilReplaced(index);
  }
  await search;
  threads.finish();
  assert.equal((await other).length, 2);
});

test('searches are refused at once while no thread can be started, and answered when one can', ends, async () => {
  const stepped = new SteppedThreads();
  let isDown = false;
  await using index = await openIndex(
    { dimension, threads: 1 },
    {
      startThread: (options, reports) => {
        if (isDown) throw outOfMemory;
        return stepped.start(options, reports);
      },
    },
  );
  const gallery = index.of('1');
  await gallery.apply(people);
  const query = { probes: [p], groupIds: ['a'], count: 1 };
  isDown = true;
  const waiting = gallery.nearest(query);
  const refused = assert.rejects(waiting, /no thread that searches can be started/);
  stepped.die(outOfMemory);
  await refused;
  await assert.rejects(gallery.nearest(query), { cause: outOfMemory });
  isDown = false;
  await untilReplaced(index);
  const later = gallery.nearest(query);
  stepped.finish();
  assert.equal((await later)[0]![0]!.personId, 'p');
});

test('an index that is closed while a thread is replaced starts none', ends, async () => {
  const { index, threads } = await open(1);
  threads.die(outOfMemory);
  const started = threads.started;
  await index[Symbol.asyncDispose]();
  await sleep(50);
  assert.equal(threads.started, started);
});

const script = new URL('../../src/search/scan-thread.ts', import.meta.url);

/** Starts real threads, and tells which. */
function startInto(workers: Worker[]): StartThread {
  return (workerData, reports) => {
    const worker = new Worker(script, { workerData });
    workers.push(worker);
    return reporting(worker, reports);
  };
}

test('real threads that are killed are replaced, and every search is answered', ends, async () => {
  const [workers, faults]: [Worker[], unknown[]] = [[], []];
  const options = { dimension, threads: 2, onFault: (error: unknown) => void faults.push(error) };
  await using index = await openIndex(options, { startThread: startInto(workers) });
  const gallery = index.of('1');
  await gallery.apply(people);
  index.check();
  const query = { probes: [q], groupIds: ['a'], count: 1 };
  for (let round = 0; round < 3; round++) {
    // The first round kills both, the others one of them; each while it searches, or before.
    const killed = workers.slice(-2).slice(round === 0 ? 0 : 1);
    const searches = Array.from({ length: 4 }, () => gallery.nearest(query));
    await Promise.all(killed.map((worker) => worker.terminate()));
    assert.throws(() => index.check(), missing);
    for (const [list] of await Promise.all(searches)) assert.equal(list![0]!.personId, 'q');
    await untilReplaced(index);
  }
  assert.equal(faults.length, 4);
  assert.equal(workers.length, 6);
});

test(
  'a thread that throws is replaced, and a search that makes threads throw is answered with the error',
  ends,
  async () => {
    const workers: Worker[] = [];
    const start = startInto(workers);
    let isBroken = true;
    await using index = await openIndex(
      { dimension, threads: 1 },
      {
        startThread: (options, reports) => {
          const thread = start(options, reports);
          const broken = { blocks: new SharedArrayBuffer(3) };
          const scan: typeof thread.scan = (order) =>
            thread.scan(isBroken ? { ...order, spans: order.spans.map((span) => ({ ...span, ...broken })) } : order);
          return { ...thread, scan };
        },
      },
    );
    const gallery = index.of('1');
    await gallery.apply(people);
    const query = { probes: [p], groupIds: ['a'], count: 1 };
    await assert.rejects(gallery.nearest(query), RangeError);
    assert.equal(workers.length, 2, 'it was tried twice');
    isBroken = false;
    assert.equal((await gallery.nearest(query))[0]![0]!.personId, 'p');
  },
);

/** Closes an index at the end. */
function disposing<T extends { readonly index: Index }>(opened: T): T & AsyncDisposable {
  return { ...opened, [Symbol.asyncDispose]: () => opened.index[Symbol.asyncDispose]() };
}
