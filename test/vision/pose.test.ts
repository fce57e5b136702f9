import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { poseOf } from '../../src/vision/attributes/pose.ts';
import reference from '../../src/vision/parameters/reference-face.json' with { type: 'json' };

const radians = Math.PI / 180;

/** The reference turned by matrices that are written out here again, by hand, from the contract's words. */
function turned(pitch: number, yaw: number, roll: number, scale: number, shift: number): Float32Array {
  const points = Float32Array.from(reference.points);
  for (let k = 0; k < points.length; k += 3) {
    let [x, y, z] = [points[k]!, points[k + 1]!, points[k + 2]!];
    // Chin up: what is in front (z below 0) goes up (y below 0).
    [y, z] = [y * Math.cos(pitch) + z * Math.sin(pitch), z * Math.cos(pitch) - y * Math.sin(pitch)];
    // Nose to the right: what is in front goes right (x above 0).
    [x, z] = [x * Math.cos(yaw) - z * Math.sin(yaw), z * Math.cos(yaw) + x * Math.sin(yaw)];
    // Clockwise: what is right goes down (y above 0).
    [x, y] = [x * Math.cos(roll) - y * Math.sin(roll), y * Math.cos(roll) + x * Math.sin(roll)];
    points.set([scale * x + shift, scale * y - shift, scale * z + shift], k);
  }
  return points;
}

const angle = (most: number): fc.Arbitrary<number> => fc.double({ min: -most, max: most, noNaN: true });

test('any turn of the reference is recovered, at any scale and place', () => {
  fc.assert(
    fc.property(
      angle(80),
      angle(80),
      angle(179),
      fc.double({ min: 1, max: 500, noNaN: true }),
      angle(900),
      (pitch, yaw, roll, scale, shift) => {
        const pose = poseOf(turned(pitch * radians, yaw * radians, roll * radians, scale, shift), reference);
        for (const [found, meant] of [
          [pose.pitch - reference.pitch, pitch],
          [pose.yaw, yaw],
          [pose.roll, roll],
        ] as const) {
          assert.ok(Math.abs(found - meant) < 0.2, `${JSON.stringify(pose)} for ${pitch}, ${yaw}, ${roll}`);
        }
      },
    ),
  );
});

test('the reference is as wide on the left as on the right', () => {
  const [rightEye, leftEye, nose] = [33, 263, 1].map((k) => reference.points[3 * k]!);
  assert.ok(Math.abs(rightEye! + leftEye! - 2 * nose!) < 0.01);
});

test('a mesh that is no number has no pose, and does not throw', () => {
  const broken = Float32Array.from({ length: 468 * 3 }, (_, i) => (i === 7 ? Number.NaN : i % 11));
  const straight = { points: Array.from({ length: 468 * 3 }, (_, i) => (i * 7) % 13), pitch: 0 };
  assert.deepEqual(poseOf(broken, straight), { pitch: Number.NaN, yaw: Number.NaN, roll: Number.NaN });
});
