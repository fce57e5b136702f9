import assert from 'node:assert/strict';
import test from 'node:test';
import { innerProduct } from '../../src/search/inner-product.ts';
import { PairPanel } from '../../src/search/pairs.ts';
import { createRandom } from '../random.ts';

/** Vectors of length 1, some of which are near to others. */
function vectors(dimension: number, count: number, next: () => number): Float32Array {
  const rows = new Float32Array(dimension * count);
  for (let v = 0; v < count; v++) {
    const row = rows.subarray(v * dimension, (v + 1) * dimension);
    const like = v % 3 === 2 ? rows.subarray((v - 2) * dimension, (v - 1) * dimension) : undefined;
    for (let i = 0; i < dimension; i++) row[i] = (next() - 0.5) * (like === undefined ? 1 : 0.2) + (like?.[i] ?? 0);
    const length = Math.sqrt(innerProduct(row, row));
    for (let i = 0; i < dimension; i++) row[i]! /= length;
  }
  return rows;
}

test('all pairs that reach a cosine are found, and no others, whatever is held and passes by', () => {
  const next = createRandom(3);
  for (const [dimension, held, passing] of [
    [192, 5_000, 31],
    [1, 3, 3],
    [17, 700, 64],
    [100, 9, 1],
    [512, 1, 64],
    [192, 0, 5],
  ] as const) {
    const [rows, batch] = [vectors(dimension, held, next), vectors(dimension, passing, next)];
    if (held > 0) batch.set(rows.subarray(0, dimension), 0);
    const panel = new PairPanel(dimension, held, 64);
    // In two parts, as they come.
    const part = Math.floor(held / 3) * dimension;
    panel.hold(rows.subarray(0, part));
    panel.hold(rows.subarray(part));
    for (const least of [0.9, 0.3, 0.05]) {
      const found = new Map<string, number>();
      panel.compare(batch, least, (a, b, cosine) => {
        assert.equal(found.has(`${a} ${b}`), false, 'told once');
        found.set(`${a} ${b}`, cosine);
      });
      for (let a = 0; a < held; a++) {
        for (let b = 0; b < passing; b++) {
          const row = rows.subarray(a * dimension, (a + 1) * dimension);
          const cosine = innerProduct(row, batch.subarray(b * dimension, (b + 1) * dimension));
          assert.equal(found.get(`${a} ${b}`), cosine >= least ? cosine : undefined, `${dimension}: ${a} and ${b}`);
        }
      }
    }
  }
});

test('more vectors than a batch has are refused', () => {
  const panel = new PairPanel(4, 1, 2);
  assert.throws(() => panel.compare(new Float32Array(12), 0.5, () => {}), /at most/);
});
