/** How packs are compared on the faces of a register. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { comparePacks } from '../../src/app/packs/compare.ts';

type Parts = Parameters<typeof comparePacks>;

/** Compares so many faces, two a person, by a scale of a test's own. */
function compared(count: number, compare: () => number) {
  const faces = Array.from({ length: count }, (_, i) => ({
    faceId: String(i).padStart(4, '0'),
    personId: `person ${i >> 1}`,
    crop: new Uint8Array(1),
  }));
  const facesWithout = async (_appid: string, _model: string, after: string, most: number) =>
    faces.filter(({ faceId }) => faceId > after).slice(0, most);
  const stores = { packs: { conversion: { facesWithout } } } as unknown as Parts[0];
  const scale = { compare: () => ({ score: compare() }) };
  const named = { convert: async () => [new Float32Array(1)], using: async () => scale } as unknown as Parts[1];
  const { signal } = new AbortController();
  return comparePacks(stores, named, { appid: '1', packs: ['a', 'b'], facesMax: count, lanes: 2, signal });
}

test('a server answers calls while packs are compared', async () => {
  let isOver = false;
  let turns = 0;
  const calls = (async () => {
    while (!isOver) {
      await setImmediate();
      turns += 1;
    }
  })();
  let pairs = 0;
  let first = 0;
  await compared(30, () => {
    first ||= turns;
    pairs += 1;
    // A pair takes as long as many of them do.
    for (const end = performance.now() + 0.5; performance.now() < end; );
    return 0;
  });
  const had = turns - first;
  isOver = true;
  await calls;
  assert.equal(pairs, 30 * 29);
  assert.ok(had > 20, `${had} turns`);
});

test('of pairs of two persons that are much alike the surest are listed, and all are counted', async () => {
  let pairs = 0;
  const { packs, faces, persons } = await compared(40, () => 90 + (pairs++ % 780) / 100);
  assert.deepEqual([faces, persons], [40, 20]);
  for (const { doubles, doublesCount } of packs) {
    assert.deepEqual([doubles.length, doublesCount], [50, (40 * 39) / 2 - 20]);
    const scores = doubles.map(({ score }) => score);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
    assert.ok(scores[0]! > 97 && scores.at(-1)! > 97, String(scores));
  }
});
