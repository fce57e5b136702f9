import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recogniseExpressions, smileInputs, smileOf } from '../../src/vision/attributes/expression.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { frameOf } from '../../src/vision/pipeline/mesh.ts';
import { meshOf } from './drawn.ts';

const expressions = Float32Array.of(0.02, 0.01, 0.03, 0.5, 0.04, 0.1, 0.3);

test('an expression is the mean of what the network says of two crops, of 0.7 and 0.9 of the frame', async () => {
  const mesh = meshOf({ centre: { x: 200, y: 200 }, unit: 40 });
  const { centre, side } = frameOf(mesh);
  // Grey rises by one from each column to the next about the face's middle, from 0 to 255.
  const data = Uint8Array.from({ length: 400 * 400 * 3 }, (_, i) => {
    const x = (Math.floor(i / 3) % 400) + 0.5;
    return Math.max(0, Math.min(255, 127.5 + x - centre.x));
  });
  const spans: number[] = [];
  const network = {
    async run(input: Float32Array, shape: readonly number[]) {
      assert.deepEqual(shape, [1, 64, 64, 1]);
      // How many columns of the picture lie between the first and the last of the crop.
      spans.push((input[63]! - input[0]!) * 127.5);
      const share = spans.length === 1 ? 0.4 : 0.8;
      return { expressions: Float32Array.of(0, 0, 0, share, 0, 0, 1 - share) };
    },
  };
  const [told] = await recogniseExpressions(network, new Pyramid({ data, width: 400, height: 400 }), [mesh]);
  for (const [i, share] of [0.7, 0.9].entries()) {
    const wanted = (share * side * 63) / 64;
    assert.ok(Math.abs(spans[i]! - wanted) < 2, `${spans[i]} columns, not ${wanted}`);
  }
  assert.equal(spans.length, 2);
  assert.deepEqual(
    Array.from(told!, (value) => Number(value.toFixed(6))),
    [0, 0, 0, 0.6, 0, 0, 0.4],
  );
});

test('what tells a smile depends neither on the size of a face nor on where it is nor on how it is turned', () => {
  const inputsOf = (x: number, y: number, unit: number, degrees: number) =>
    smileInputs(expressions, meshOf({ centre: { x, y }, unit, degrees }), 0.7);
  const wanted = inputsOf(100, 100, 50, 0);
  assert.equal(wanted.length, 13);
  const place = fc.integer({ min: 0, max: 4000 });
  fc.assert(
    fc.property(
      place,
      place,
      fc.integer({ min: 20, max: 500 }),
      fc.integer({ min: -180, max: 180 }),
      (x, y, unit, degrees) => {
        for (const [i, value] of inputsOf(x, y, unit, degrees).entries())
          assert.ok(Math.abs(value - wanted[i]!) < 0.01, `input ${i}: ${value}, not ${wanted[i]}`);
      },
    ),
  );
});

test('a wider and an open mouth, and corners that rise, are told by inputs of their own', () => {
  const mesh = meshOf({ centre: { x: 100, y: 100 }, unit: 50 });
  const moved = (changes: Readonly<Record<number, readonly [dx: number, dy: number]>>) => {
    const points = mesh.points.slice();
    for (const [index, [dx, dy]] of Object.entries(changes)) {
      points[3 * Number(index)]! += dx;
      points[3 * Number(index) + 1]! += dy;
    }
    return smileInputs(expressions, { ...mesh, points }, 0).slice(0, 5);
  };
  const changed = (inputs: readonly number[]): number[] =>
    inputs.flatMap((value, i) => (value > moved({})[i]! + 1e-3 ? [i] : []));
  assert.deepEqual(changed(moved({ 61: [-5, 0], 291: [5, 0] })), [0, 4], 'wider');
  assert.deepEqual(changed(moved({ 13: [0, -5], 14: [0, 5] })), [1, 2], 'open');
  assert.deepEqual(changed(moved({ 61: [0, -5], 291: [0, -5] })), [3], 'corners that rise');
});

test('a smile is told as 0 if there is none, as 50 if it is slight, and as 100 if it is broad', () => {
  const feature = { weights: [], bias: 0 };
  const probes = (smiles: number, laughs: number) => ({
    feature,
    smiles: { weights: [1], bias: smiles },
    laughs: { weights: [1], bias: laughs },
  });
  assert.ok(smileOf(probes(-9, -9), [0]) < 0.1);
  assert.ok(Math.abs(smileOf(probes(9, -9), [0]) - 50) < 0.1);
  assert.ok(smileOf(probes(9, 9), [0]) > 99.9);
  assert.equal(smileOf(probes(1, -1), [-1]), 25 + 50 / (1 + Math.exp(2)));
});
