import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindKernel, layProbe, scoreError, strideOf } from '../../src/search/kernel.ts';
import { loadKernel } from '../../src/wasm/load.ts';
import { createRandom } from '../random.ts';
import { normalize, stranger } from './vectors.ts';

const stride = strideOf(40);
const rowCount = 24;
const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536, shared: true });
const kernel = bindKernel(loadKernel('scan'), memory);
const [listAt, probeAt, scoresAt, rowsAt] = [0, 4096, 8192, 16384];

type Way = 'scanOne' | 'scanApart' | 'scanTwo';

function scores(rows: readonly Float32Array[], probes: readonly Float32Array[], way: Way): Float32Array {
  const list = new Int32Array(memory.buffer, listAt, rowCount);
  rows.forEach((row, r) => {
    list[r] = rowsAt + r * stride * 2;
    const halves = new Uint16Array(row.buffer, row.byteOffset);
    new Uint16Array(memory.buffer, list[r]!, stride).set(halves.filter((_, i) => i % 2 === 1));
  });
  layProbe(new Float32Array(memory.buffer, probeAt), probes, stride);
  kernel[way](listAt, rowCount, probeAt, scoresAt, stride);
  return new Float32Array(memory.buffer, scoresAt, rowCount * probes.length).slice();
}

/** All bits that are cut off are set, and all signs lead the same way. */
function worst(): Float32Array {
  const row = normalize(new Float32Array(stride).fill(1));
  const bits = new Int32Array(row.buffer);
  for (let i = 0; i < stride; i++) bits[i]! |= 0xffff;
  return row;
}

test('a score is never farther from the inner product than the bound says', () => {
  const vector = fc.oneof(
    fc.integer().map((seed) => stranger(createRandom(seed), stride)),
    fc
      .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: stride, maxLength: stride })
      .filter((elements) => elements.some((element) => Math.abs(element) > 1e-3))
      .map((elements) => normalize(Float32Array.from(elements))),
    fc.constant(worst()),
  );
  const rows = fc.array(vector, { minLength: rowCount, maxLength: rowCount });
  fc.assert(
    fc.property(rows, fc.array(vector, { minLength: 1, maxLength: 2 }), (rows, probes) => {
      for (const way of probes.length === 1 ? (['scanOne', 'scanApart'] as const) : (['scanTwo'] as const)) {
        const found = scores(rows, probes, way);
        probes.forEach((probe, p) => {
          rows.forEach((row, r) => {
            const exact = row.reduce((sum, element, i) => sum + element * probe[i]!, 0);
            const lengths = Math.hypot(...row) * Math.hypot(...probe);
            assert.ok(Math.abs(found[p * rowCount + r]! - exact) <= scoreError(stride) * lengths);
          });
        });
      }
    }),
  );
});

test('the peak is the largest of the scores, wherever it is', () => {
  const numbers = fc.array(fc.float({ noNaN: true }), { minLength: rowCount, maxLength: rowCount });
  fc.assert(
    fc.property(numbers, (numbers) => {
      new Float32Array(memory.buffer, scoresAt, rowCount).set(numbers);
      kernel.peak(scoresAt, rowCount, probeAt);
      const [peak] = new Float32Array(memory.buffer, probeAt, 1);
      assert.ok(numbers.some((number) => number === peak) && numbers.every((number) => number <= peak!));
    }),
  );
});
