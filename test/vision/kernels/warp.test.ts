import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placing } from '../../../src/vision/geometry.ts';
import { halve, type Pixels, Pyramid } from '../../../src/vision/kernels/pixels.ts';
import { warpInto } from '../../../src/vision/kernels/warp.ts';

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
      warpInto(out, 0, side, new Pyramid(picture), identity);
      assert.deepEqual(Uint8Array.from(out), picture.data);
    }),
  );
});

test('quarter turns move pixels without blending them', () => {
  const side = 9;
  const picture = noise(side, side, 5);
  const out = new Float32Array(side * side * 3);
  warpInto(out, 0, side, new Pyramid(picture), placing(side, { x: side / 2, y: side / 2 }, side, Math.PI / 2));
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
        warpInto(out, 0, 8, new Pyramid(picture), placing(8, { x: 6, y: 9 }, 8 * scale, angle));
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
    warpInto(out, 0, size, picture, placing(size, { x: 64, y: 60 }, size * scale, 0));
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
  warpInto(out, 0, 32, new Pyramid({ data, width: side, height: side }), placing(32, { x: 128, y: 128 }, 200, 0.3));
  for (const value of out) assert.ok(Math.abs(value - 127.5) < 2);
});

test('a crop is written at its offset and nowhere else', () => {
  const out = new Float32Array(3 * 12).fill(-1);
  warpInto(out, 12, 2, new Pyramid(noise(4, 4, 1)), identity);
  assert.deepEqual([...out.subarray(0, 12), ...out.subarray(24)], new Array(24).fill(-1));
  assert.ok(out.subarray(12, 24).every((value) => value >= 0));
});

test('halving averages four pixels and drops an odd border', () => {
  const picture = { data: new Uint8Array(3 * 3 * 3).fill(9), width: 3, height: 3 };
  picture.data.set([10, 20, 30, 14, 24, 34], 0);
  picture.data.set([10, 20, 30, 14, 24, 34], 9);
  assert.deepEqual(halve(picture), { data: Uint8Array.of(12, 22, 32), width: 1, height: 1 });
});

test('an upright crop is what one turned by almost nothing is, inside and beyond the border', () => {
  const picture = new Pyramid(noise(60, 40, 3));
  const place = fc.double({ min: -20, max: 80, noNaN: true });
  fc.assert(
    fc.property(place, place, fc.double({ min: 0.2, max: 9, noNaN: true }), (x, y, scale) => {
      const size = 12;
      const [upright, turned] = [new Float32Array(size * size * 3), new Float32Array(size * size * 3)];
      warpInto(upright, 0, size, picture, placing(size, { x, y }, size * scale, 0));
      warpInto(turned, 0, size, picture, placing(size, { x, y }, size * scale, 1e-9));
      upright.forEach((value, i) => {
        assert.ok(Math.abs(value - turned[i]!) < 0.01);
      });
    }),
  );
});
