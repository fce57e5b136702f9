import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { anchorsOf, placeAligned } from '../../src/vision/pipeline/align.ts';
import { apply, invert } from '../../src/vision/pipeline/geometry.ts';
import type { Mesh } from '../../src/vision/pipeline/mesh.ts';
import { pictureHash, pictureHashLength } from '../../src/vision/pipeline/picture-hash.ts';
import { meshOf } from './drawn.ts';

const size = 32;

/** A face that lies in a picture of 32 × 32 just as in the crop that the hash is made of: the crop is the picture. */
const framed: Mesh = (() => {
  const mesh = meshOf({ centre: { x: 16, y: 16 }, unit: 5 });
  const toCrop = invert(placeAligned(anchorsOf(mesh), size, 1.6));
  const points = mesh.points.slice();
  for (let k = 0; k < points.length; k += 3) {
    const { x, y } = apply(toCrop, { x: points[k]!, y: points[k + 1]! });
    points.set([x, y], k);
  }
  return { points, presence: 1 };
})();

type Wave = readonly [across: number, down: number, amplitude: number];

/** The hash of a picture that is a sum of waves about a mean, in colours whose luma is the sum. */
function hashOf(waves: readonly Wave[], mean = 128, tint: readonly number[] = [1, 1, 1]): Float32Array {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const wave = (frequency: number, at: number): number => Math.cos((Math.PI * frequency * (at + 0.5)) / size);
      const sum = waves.reduce(
        (sum, [across, down, amplitude]) => sum + amplitude * wave(across, x) * wave(down, y),
        mean,
      );
      data.set(
        tint.map((share) => Math.round(share * sum)),
        (y * size + x) * 3,
      );
    }
  }
  return pictureHash(new Pyramid({ data, width: size, height: size }), framed);
}

/** Where a wave has its place: the coarsest first, of one frequency those that run down first. */
const placeOf = (across: number, down: number): number => ((across + down) * (across + down + 1)) / 2 - 1 + across;

test('a wave is told by its own place, and one that runs the other way by its sign', () => {
  for (const [across, down] of [
    [0, 1],
    [1, 0],
    [0, 2],
    [1, 1],
    [2, 0],
    [3, 4],
    [9, 1],
  ] as const) {
    for (const sign of [1, -1]) {
      const hash = hashOf([[across, down, 100 * sign]]);
      assert.equal(hash.length, pictureHashLength);
      hash.forEach((value, i) => {
        const wanted = i === placeOf(across, down) ? sign : 0;
        assert.ok(Math.abs(value - wanted) < 0.02, `${value} at ${i} for ${across}, ${down}`);
      });
    }
  }
});

test('finer waves weigh more, by the root of their frequency, and waves of one direction alone by the root of two', () => {
  const hash = hashOf([
    [1, 0, 30],
    [0, 2, 30],
    [2, 3, 30],
  ]);
  const [across, down, both] = [hash[placeOf(1, 0)]!, hash[placeOf(0, 2)]!, hash[placeOf(2, 3)]!];
  assert.ok(Math.abs(down / across - Math.sqrt(2)) < 0.02, `${down / across}`);
  assert.ok(Math.abs(both / across - Math.sqrt(5 / 2)) < 0.02, `${both / across}`);
  assert.ok(Math.abs(Math.hypot(...hash) - 1) < 1e-6);
});

test('light, contrast and colour leave the hash as it is; a picture of one shade has none', () => {
  const waves: readonly Wave[] = [
    [1, 2, 20],
    [3, 1, -15],
    [0, 4, 10],
  ];
  const plain = hashOf(waves);
  const others = [
    hashOf(waves, 90),
    hashOf(waves.map(([across, down, amplitude]) => [across, down, 2 * amplitude])),
    hashOf(waves, 128, [0.6, 1, 0.8]),
  ];
  for (const other of others) assert.ok(plain.every((value, i) => Math.abs(value - other[i]!) < 0.03));
  for (const shade of [0, 7, 128, 200, 255]) assert.ok(hashOf([], shade).every((value) => value === 0));
});

test('a channel counts by its share of luma', () => {
  // Red and blue wave across, green down: the shares 0.299, 0.587 and 0.114 are their lengths.
  const data = new Uint8Array(size * size * 3);
  const wave = (at: number, frequency: number): number =>
    Math.round(128 + 100 * Math.cos((Math.PI * frequency * (at + 0.5)) / size));
  for (let i = 0; i < size * size; i++)
    data.set([wave(i % size, 1), wave(Math.floor(i / size), 1), wave(i % size, 2)], 3 * i);
  const hash = pictureHash(new Pyramid({ data, width: size, height: size }), framed);
  const [red, green, blue] = [hash[placeOf(1, 0)]!, hash[placeOf(0, 1)]!, hash[placeOf(2, 0)]! / Math.sqrt(2)];
  assert.ok(Math.abs(red / green - 0.299 / 0.587) < 0.01, `${red / green}`);
  assert.ok(Math.abs(blue / green - 0.114 / 0.587) < 0.01, `${blue / green}`);
});

test('a face has the same hash wherever it is, however large and however turned', () => {
  const pattern = (x: number, y: number): number =>
    128 + 50 * Math.sin(3 * x + 1) * Math.cos(2 * y) + 30 * Math.cos(x + 2 * y);
  /** A pattern that moves with the face. */
  const hashAt = (unit: number, degrees: number): Float32Array => {
    const side = 300;
    const face = { centre: { x: 150, y: 150 }, unit, degrees };
    const angle = (degrees * Math.PI) / 180;
    const data = new Uint8Array(side * side * 3);
    for (let i = 0; i < side * side; i++) {
      const [x, y] = [((i % side) + 0.5 - 150) / unit, (Math.floor(i / side) + 0.5 - 150) / unit];
      const value = pattern(x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle));
      data.fill(Math.round(value), 3 * i, 3 * i + 3);
    }
    return pictureHash(new Pyramid({ data, width: side, height: side }), meshOf(face));
  };
  const upright = hashAt(40, 0);
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 45 }), fc.integer({ min: -179, max: 180 }), (unit, degrees) => {
      const turned = hashAt(unit, degrees);
      const likeness = upright.reduce((sum, value, i) => sum + value * turned[i]!, 0);
      assert.ok(likeness > 0.99, `${likeness} at ${unit}, ${degrees}`);
    }),
    { numRuns: 10 },
  );
});
