import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import reference from '../../src/vision/parameters/reference-face.json' with { type: 'json' };
import { anchorsOf, placeAligned } from '../../src/vision/pipeline/align.ts';
import { angleOf, apply, cropTransform, invert, scaleOf } from '../../src/vision/pipeline/geometry.ts';
import { boxOf, frameOf, type Mesh } from '../../src/vision/pipeline/mesh.ts';

/** The reference face, turned, scaled and moved in the picture. */
function meshAt(centre: { x: number; y: number }, side: number, angle: number): Mesh {
  const transform = cropTransform(1, centre, side, angle);
  const points = Float32Array.from(reference.points);
  for (let k = 0; k < points.length; k += 3) {
    const { x, y } = apply(transform, { x: points[k]!, y: points[k + 1]! });
    points.set([x, y, points[k + 2]! * side], k);
  }
  return { points, presence: 1 };
}

const placed = fc.record({
  x: fc.double({ min: -500, max: 500, noNaN: true }),
  y: fc.double({ min: -500, max: 500, noNaN: true }),
  side: fc.double({ min: 10, max: 900, noNaN: true }),
  angle: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
});

test('the aligned crop shows a face in the same place, however it is turned, scaled and moved', () => {
  const still = anchorsOf(meshAt({ x: 0, y: 0 }, 100, 0));
  const inCrop = invert(placeAligned(still, 150, 1));
  fc.assert(
    fc.property(placed, ({ x, y, side, angle }) => {
      const points = anchorsOf(meshAt({ x, y }, side, angle));
      const crop = invert(placeAligned(points, 150, 1));
      points.forEach((point, i) => {
        const here = apply(crop, point);
        const there = apply(inCrop, still[i]!);
        assert.ok(Math.hypot(here.x - there.x, here.y - there.y) < 0.01 + 0.05 / side);
      });
    }),
  );
});

test('the aligned crop is upright: eyes above the nose, the right eye on the left', () => {
  const crop = invert(placeAligned(anchorsOf(meshAt({ x: 40, y: 9 }, 70, 2)), 150, 1));
  const [right, , left, , nose] = anchorsOf(meshAt({ x: 40, y: 9 }, 70, 2)).map((point) => apply(crop, point));
  assert.ok(right!.x < nose!.x && nose!.x < left!.x && right!.y < nose!.y);
});

test('a wider zoom shows as much more about the same middle', () => {
  const points = anchorsOf(meshAt({ x: 10, y: 20 }, 80, 0.4));
  const [near, far] = [placeAligned(points, 100, 1), placeAligned(points, 100, 1.5)];
  assert.ok(Math.abs(scaleOf(far) / scaleOf(near) - 1.5) < 1e-6);
  const [a, b] = [near, far].map((transform) => apply(transform, { x: 50, y: 50 }));
  assert.ok(Math.hypot(a!.x - b!.x, a!.y - b!.y) < 1e-6);
});

test("a face's frame turns with it, keeps its size, and holds it; its box is upright about every point", () => {
  const upright = frameOf(meshAt({ x: 0, y: 0 }, 100, 0));
  fc.assert(
    fc.property(placed, ({ x, y, side, angle }) => {
      const mesh = meshAt({ x, y }, side, angle);
      const frame = frameOf(mesh);
      assert.ok(Math.abs(frame.side / side - upright.side / 100) < 1e-3);
      assert.ok(
        Math.abs(angleOf({ a: Math.cos(frame.angle - angle), b: Math.sin(frame.angle - angle), x: 0, y: 0 })) < 1e-3,
      );
      const box = boxOf(mesh);
      for (const point of anchorsOf(mesh)) {
        assert.ok(
          point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height,
        );
      }
    }),
  );
});
