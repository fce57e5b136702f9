import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { halve } from '../../../src/vision/kernels/halve.ts';
import type { Pixels } from '../../../src/vision/kernels/pixels.ts';
import { Pyramid } from '../../../src/vision/kernels/pyramid.ts';
import { warpInto } from '../../../src/vision/kernels/warp.ts';
import { apply, cropTransform } from '../../../src/vision/pipeline/geometry.ts';

const identity = { a: 1, b: 0, x: 0, y: 0 };

function noise(width: number, height: number, seed: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  let state = seed | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state >>> 24;
  }
  return { data, width, height };
}

/** Grey that rises from left to right and from top to bottom. */
function ramp(side: number): Pixels {
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) data.fill(x + y, (y * side + x) * 3, (y * side + x) * 3 + 3);
  }
  return { data, width: side, height: side };
}

test('the identity copies every pixel', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), fc.integer(), (side, seed) => {
      const picture = noise(side, side, seed);
      const out = new Float32Array(side * side * 3);
      warpInto(out, side, new Pyramid(picture), identity);
      assert.deepEqual(Uint8Array.from(out), picture.data);
    }),
  );
});

test('quarter turns move pixels without blending them', () => {
  const side = 9;
  const picture = noise(side, side, 5);
  const out = new Float32Array(side * side * 3);
  warpInto(out, side, new Pyramid(picture), cropTransform(side, { x: side / 2, y: side / 2 }, side, Math.PI / 2));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      // The crop's right is the picture's bottom: (x, y) of the crop is (side - 1 - y, x) of the picture.
      assert.ok(Math.abs(out[(y * side + x) * 3]! - picture.data[(x * side + side - 1 - y) * 3]!) < 1e-3);
    }
  }
});

test('every crop of a flat picture is flat, inside and beyond the border', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 40, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.integer({ min: 0, max: 255 }),
      (scale, angle, grey) => {
        const picture = { data: new Uint8Array(20 * 14 * 3).fill(grey), width: 20, height: 14 };
        const out = new Float32Array(8 * 8 * 3);
        warpInto(out, 8, new Pyramid(picture), cropTransform(8, { x: 6, y: 9 }, 8 * scale, angle));
        for (const value of out) assert.ok(Math.abs(value - grey) < 1e-3);
      },
    ),
  );
});

test('shrinking keeps a slope where it is, whatever the scale', () => {
  const picture = new Pyramid(ramp(128));
  for (const scale of [0.5, 1, 1.3, 2, 2.9, 4, 5.3]) {
    const size = 16;
    const out = new Float32Array(size * size * 3);
    warpInto(out, size, picture, cropTransform(size, { x: 64, y: 60 }, size * scale, 0));
    const middle = (size / 2) * size + size / 2;
    // The grey at (u, v) is u + v − 1, and the middle pixel's centre lies half a step beyond the crop's.
    assert.ok(Math.abs(out[middle * 3]! - (64 + 60 + scale - 1)) < 0.01, `${out[middle * 3]} at scale ${scale}`);
  }
});

test('shrinking averages: no pattern finer than the crop survives', () => {
  const side = 256;
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) data.fill(((i % side) + Math.floor(i / side)) % 2 ? 255 : 0, 3 * i, 3 * i + 3);
  const out = new Float32Array(32 * 32 * 3);
  warpInto(out, 32, new Pyramid({ data, width: side, height: side }), cropTransform(32, { x: 128, y: 128 }, 200, 0.3));
  for (const value of out) assert.ok(Math.abs(value - 127.5) < 2);
});

test('a crop is written and nothing after it', () => {
  const out = new Float32Array(3 * 12).fill(-1);
  warpInto(out, 2, new Pyramid(noise(4, 4, 1)), identity);
  assert.deepEqual([...out.subarray(12)], new Array(24).fill(-1));
  assert.ok(out.subarray(0, 12).every((value) => value >= 0));
});

test('a crop as large as no crop before it does not disturb those that follow', () => {
  const picture = new Pyramid(noise(700, 500, 2));
  const cut = (size: number): Float32Array => {
    const out = new Float32Array(size * size * 3);
    warpInto(out, size, picture, cropTransform(size, { x: 350, y: 250 }, size, 0.4));
    return out;
  };
  const before = cut(16);
  assert.equal(cut(640).length, 640 * 640 * 3);
  assert.deepEqual(cut(16), before);
});

/** The picture at (x, y), counted from the middle of its first pixel, as the textbook has it. */
function bilinear({ data, width, height }: Pixels, x: number, y: number, channel: number): number {
  const at = (column: number, row: number): number => {
    const [i, j] = [Math.max(0, Math.min(width - 1, column)), Math.max(0, Math.min(height - 1, row))];
    return data[(j * width + i) * 3 + channel]!;
  };
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, low] = [x - left, y - top];
  const upper = (1 - right) * at(left, top) + right * at(left + 1, top);
  const lower = (1 - right) * at(left, top + 1) + right * at(left + 1, top + 1);
  return (1 - low) * upper + low * lower;
}

test('every value is the mean of the bilinear samples, normalized and in the order asked for', () => {
  const [width, height, size] = [50, 40, 9];
  const place = fc.double({ min: -30, max: 80, noNaN: true });
  const scales = fc.double({ min: 0.2, max: 1.4, noNaN: true });
  const angles = fc.double({ min: -3.2, max: 3.2, noNaN: true });
  fc.assert(
    fc.property(place, place, scales, angles, fc.constantFrom('rgb', 'bgr'), (x, y, scale, angle, order) => {
      const pixels = noise(width, height, 11);
      const placement = cropTransform(size, { x, y }, size * scale, angle);
      const out = new Float32Array(size * size * 3);
      const normalization = { order, mean: [1, 10, 100], std: 0.5 } as const;
      warpInto(out, size, new Pyramid(pixels), placement, normalization);
      const taps = scale > 1.2 ? [0.25, 0.75] : [0.5];
      out.forEach((value, i) => {
        const [row, column, lane] = [Math.floor(i / 3 / size), Math.floor(i / 3) % size, i % 3];
        const channel = order === 'rgb' ? lane : 2 - lane;
        const samples = taps.flatMap((v) =>
          taps.map((u) => {
            const point = apply(placement, { x: column + u, y: row + v });
            return bilinear(pixels, point.x - 0.5, point.y - 0.5, channel);
          }),
        );
        const mean = samples.reduce((sum, sample) => sum + sample) / samples.length;
        assert.ok(Math.abs(value - (mean - normalization.mean[lane]!) / normalization.std) < 0.05, `${value} at ${i}`);
      });
    }),
  );
});

test('halving averages four pixels and drops an odd border', () => {
  const picture = { data: new Uint8Array(3 * 3 * 3).fill(9), width: 3, height: 3 };
  picture.data.set([10, 20, 30, 14, 24, 34], 0);
  picture.data.set([10, 20, 30, 14, 24, 34], 9);
  assert.deepEqual(halve(picture), { data: Uint8Array.of(12, 22, 32), width: 1, height: 1 });
});

test('every value of a half is the rounded mean of four, whatever the size', () => {
  const side = fc.integer({ min: 2, max: 41 });
  fc.assert(
    fc.property(side, side, fc.integer(), (width, height, seed) => {
      const picture = noise(width, height, seed);
      const half = halve(picture);
      assert.deepEqual([half.width, half.height], [width >> 1, height >> 1]);
      half.data.forEach((value, i) => {
        const [x, y, channel] = [Math.floor(i / 3) % half.width, Math.floor(i / 3 / half.width), i % 3];
        const at = (column: number, row: number): number => picture.data[(row * width + column) * 3 + channel]!;
        const sum = at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
        assert.equal(value, (sum + 2) >> 2);
      });
    }),
  );
});

test('a picture wider than any before it is halved like others', () => {
  const white = { data: new Uint8Array(30_000 * 2 * 3).fill(255), width: 30_000, height: 2 };
  assert.ok(halve(white).data.every((value) => value === 255));
});

test('an upright crop is what one turned by almost nothing is, inside and beyond the border', () => {
  const picture = new Pyramid(noise(60, 40, 3));
  const place = fc.double({ min: -20, max: 80, noNaN: true });
  fc.assert(
    fc.property(place, place, fc.double({ min: 0.2, max: 9, noNaN: true }), (x, y, scale) => {
      const size = 12;
      const [upright, turned] = [new Float32Array(size * size * 3), new Float32Array(size * size * 3)];
      warpInto(upright, size, picture, cropTransform(size, { x, y }, size * scale, 0));
      warpInto(turned, size, picture, cropTransform(size, { x, y }, size * scale, 1e-9));
      upright.forEach((value, i) => {
        assert.ok(Math.abs(value - turned[i]!) < 0.01);
      });
    }),
  );
});
