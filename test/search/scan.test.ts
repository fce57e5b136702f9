/** How the work of a scan is divided: into shares between threads and slices, and into batches of rows within a thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasUnitLength, probesMax } from '../../src/search/scan.ts';
import { grain, type Progress, progressOf, type Span, shareCount } from '../../src/search/span.ts';
import { createRandom } from '../random.ts';
import { crowd, face, join } from './changes.ts';
import { Oracle } from './oracle.ts';
import { openStepped } from './stepped.ts';
import { stranger } from './vectors.ts';

const empty = new SharedArrayBuffer(0);

function span(rows: number, secondaryCount: number, from: Progress = { blocks: 0, secondary: 0 }): Span {
  return { group: 1, blocks: empty, rows, secondary: empty, secondaryCount, from };
}

test('a share is 64 blocks of eight rows, or 64 secondary members, and what is left of either', () => {
  const counts = [span(0, 0), span(1, 0), span(512, 0), span(513, 0), span(0, 1), span(0, 64), span(0, 65)];
  assert.deepEqual(
    counts.map((one) => shareCount([one], grain)),
    [0, 1, 1, 2, 1, 1, 2],
  );
  assert.equal(shareCount(counts, grain), 8);
  const from = { blocks: 64, secondary: 64 };
  assert.equal(shareCount([span(512, 64, from), span(513, 65, from), span(8, 8, from)], grain), 2);
});

test('a scan goes on where its shares have come to, group by group, blocks before secondary members', () => {
  const spans = [span(1000, 100), span(600, 0, { blocks: 64, secondary: 0 })];
  const progress = [0, 1, 2, 3, 4, 5].map((shares) => progressOf(spans, shares, grain));
  const come = progress.map((some) => some.map(({ blocks, secondary }) => [blocks, secondary]));
  const last = [64, 0];
  assert.deepEqual(come, [
    [[0, 0], last],
    [[64, 0], last],
    [[128, 0], last],
    [[128, 64], last],
    [[128, 128], last],
    [
      [128, 128],
      [128, 0],
    ],
  ]);
});

test('a slice that is to halt ends after 64 shares of one or two probes, and sooner the more there are', async () => {
  const random = createRandom(11);
  const [probe] = [stranger(random, 8)];
  for (const [probes, shares] of [
    [1, 64],
    [2, 64],
    [3, 32],
    [probesMax, 2],
  ] as const) {
    const { index, threads } = await openStepped(8);
    const gallery = index.of('1');
    await gallery.apply(crowd('a', 70 * 64));
    const search = gallery.nearest({ probes: new Array(probes).fill(probe), groupIds: ['a'], count: 1 });
    const change = gallery.apply([]);
    threads.step();
    assert.deepEqual([...new Int32Array(threads.orders[0]!.cursor)], [shares], `${probes} probes`);
    assert.equal(threads.orders[1]!.spans[0]!.from.secondary, shares * 64);
    threads.finish();
    await Promise.all([search, change]);
  }
});

test('every probe is answered from every batch of rows, side by side or not', async () => {
  // A batch is half a megabyte of upper halves: 128 rows of this dimension.
  const dimension = 2048;
  const random = createRandom(12);
  const { index, threads } = await openStepped(dimension);
  const [gallery, oracle] = [index.of('1'), new Oracle()];
  const probes = Array.from({ length: 5 }, () => stranger(random, dimension));
  const changes = Array.from({ length: 400 }, (_, i) => [
    ...join(`${i}`, ...(i % 3 === 0 ? ['b', 'a'] : ['a'])),
    // Each probe resembles the faces more, the later they come, so that no batch can be left out.
    face(i, `${i}`, near(probes[i % probes.length]!, stranger(random, dimension), i / 400)),
  ]).flat();
  const first = [...crowd('b', 400), ...changes];
  await Promise.all([gallery.apply(first), oracle.apply(first)]);
  for (const some of [probes, probes.slice(0, 1), probes.slice(0, 2)]) {
    for (const groupIds of [['a'], ['a', 'b'], ['b']]) {
      const search = gallery.nearest({ probes: some, groupIds, count: 3 });
      threads.finish();
      assert.deepEqual(await search, await oracle.nearest({ probes: some, groupIds, count: 3 }));
    }
  }
});

/** A vector of length 1 between two that are nearly orthogonal. */
function near(one: Float32Array, other: Float32Array, share: number): Float32Array {
  const mixed = one.map((element, i) => share * element + (1 - share) * other[i]!);
  const length = Math.hypot(...mixed);
  return mixed.map((element) => element / length);
}

test('a vector is of length 1 within a thousandth, whatever element makes it longer', () => {
  for (let dimension = 1; dimension <= 9; dimension++) {
    for (let axis = 0; axis < dimension; axis++) {
      const long = (length: number) => Float32Array.from({ length: dimension }, (_, i) => (i === axis ? length : 0));
      const lengths = [0.9985, 0.9992, -1, 1.0008, 1.0015, Number.NaN];
      assert.deepEqual(
        lengths.map((length) => hasUnitLength(long(length))),
        [false, true, true, true, false, false],
      );
    }
  }
});
