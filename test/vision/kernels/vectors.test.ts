import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dot, normalize } from '../../../src/vision/kernels/dot.ts';
import { iou, nonMaximumSuppression, overlapOfSmaller } from '../../../src/vision/kernels/nms.ts';

const vector = fc.float32Array({ minLength: 1, maxLength: 40, min: -100, max: 100, noNaN: true });
const box = fc.record({
  x: fc.integer({ min: -50, max: 50 }),
  y: fc.integer({ min: -50, max: 50 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
});
const detections = fc.array(fc.record({ box, score: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 30 });

test('the inner product is symmetric and grows with its factor', () => {
  fc.assert(
    fc.property(vector, (a) => {
      const twice = a.map((value) => 2 * value);
      assert.equal(dot(a, twice), dot(twice, a));
      assert.ok(Math.abs(dot(a, twice) - 2 * dot(a, a)) <= 1e-3 * (1 + dot(a, a)));
    }),
  );
});

test('a stretched vector has the length asked for and keeps its direction', () => {
  fc.assert(
    fc.property(vector, fc.float({ min: Math.fround(0.1), max: 10, noNaN: true }), (a, length) => {
      fc.pre(dot(a, a) > 1e-6);
      const before = a.slice();
      assert.ok(normalize(a, length));
      assert.ok(Math.abs(Math.sqrt(dot(a, a)) - length) < 1e-4 * length);
      assert.ok(dot(a, before) > 0.9999 * length * Math.sqrt(dot(before, before)));
    }),
  );
});

test('a vector without a direction is refused', () => {
  for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(normalize(new Float32Array(4).fill(value), 1), false);
});

test('likeness of boxes is symmetric, 1 for a box and itself and 0 for boxes apart', () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      for (const alike of [iou, overlapOfSmaller]) {
        assert.equal(alike(a, b), alike(b, a));
        assert.equal(alike(a, a), 1);
        assert.equal(alike(a, { ...b, x: a.x + a.width }), 0);
      }
    }),
  );
});

test('a box inside another is like it by the smaller one, and by the union as much as it fills', () => {
  const inner = { x: 2, y: 1, width: 5, height: 2 };
  const outer = { x: 0, y: 0, width: 10, height: 4 };
  assert.equal(overlapOfSmaller(inner, outer), 1);
  assert.equal(iou(inner, outer), 0.25);
});

test('grouping loses nothing, leads each group by its best, and keeps the leaders apart', () => {
  fc.assert(
    fc.property(detections, fc.double({ min: 0, max: 1, noNaN: true }), (all, alikeMax) => {
      const groups = nonMaximumSuppression(all, iou, alikeMax);
      assert.equal(groups.flat().length, all.length);
      assert.deepEqual(new Set(groups.flat()), new Set(all));
      groups.forEach(([best, ...rest], i) => {
        for (const other of rest) {
          assert.ok(other.score <= best.score);
          assert.ok(iou(best.box, other.box) > alikeMax);
        }
        for (const [earlier] of groups.slice(0, i)) assert.ok(iou(earlier.box, best.box) <= alikeMax);
      });
    }),
  );
});
