import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  angleOf,
  apply,
  cropTransform,
  fitSimilarity,
  invert,
  type Point,
  scaleOf,
} from '../../src/vision/pipeline/geometry.ts';

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate });
const transform = fc
  .record({
    angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
    x: coordinate,
    y: coordinate,
  })
  .map(({ angle, scale, x, y }) => ({ a: scale * Math.cos(angle), b: scale * Math.sin(angle), x, y }));
/** Points that are not all in one place. */
const points = fc
  .array(point, { minLength: 2, maxLength: 8 })
  .filter((all) => all.some(({ x, y }) => Math.hypot(x - all[0]!.x, y - all[0]!.y) > 1));

function near(a: Point, b: Point, tolerance: number): void {
  assert.ok(Math.hypot(a.x - b.x, a.y - b.y) <= tolerance, `${JSON.stringify(a)} is not ${JSON.stringify(b)}`);
}

test('the fit recovers any rotation, scale and shift', () => {
  fc.assert(
    fc.property(points, transform, (from, truth) => {
      const found = fitSimilarity(
        from,
        from.map((p) => apply(truth, p)),
      );
      for (const p of from) near(apply(found, p), apply(truth, p), 1e-6);
    }),
  );
});

test('the fit is the nearest: a small step away from it lies farther', () => {
  fc.assert(
    fc.property(points, fc.array(point, { minLength: 8, maxLength: 8 }), transform, (from, to, step) => {
      const targets = to.slice(0, from.length);
      const best = fitSimilarity(from, targets);
      const error = (t: typeof best): number =>
        from.reduce((sum, p, i) => {
          const { x, y } = apply(t, p);
          return sum + (x - targets[i]!.x) ** 2 + (y - targets[i]!.y) ** 2;
        }, 0);
      const size = 1e-3;
      const away = {
        a: best.a + size * step.a,
        b: best.b + size * step.b,
        x: best.x + size * step.x,
        y: best.y + size * step.y,
      };
      assert.ok(error(best) <= error(away) * (1 + 1e-9) + 1e-6);
    }),
  );
});

test('a transform and its inverse lead back', () => {
  fc.assert(
    fc.property(transform, point, (t, p) => {
      near(apply(invert(t), apply(t, p)), p, 1e-6);
    }),
  );
});

test('a placed crop lies about its centre, with its side and its angle', () => {
  fc.assert(
    fc.property(
      point,
      fc.double({ min: 1, max: 1000, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.integer({ min: 1, max: 512 }),
      (centre, side, angle, size) => {
        const t = cropTransform(size, centre, side, angle);
        near(apply(t, { x: size / 2, y: size / 2 }), centre, 1e-6);
        assert.ok(Math.abs(scaleOf(t) * size - side) < 1e-6);
        assert.ok(Math.abs(angleOf(t) - angle) < 1e-9);
      },
    ),
  );
});

test('an angle is positive clockwise in the picture', () => {
  const quarter = cropTransform(2, { x: 0, y: 0 }, 2, Math.PI / 2);
  // What is to the right in the crop is below in the picture.
  near(apply(quarter, { x: 2, y: 1 }), { x: 0, y: 1 }, 1e-12);
});
