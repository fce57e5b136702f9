import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pixels } from '../../../src/vision/kernels/pixels.ts';
import { Pyramid, type Source } from '../../../src/vision/kernels/pyramid.ts';
import { warpInto } from '../../../src/vision/kernels/warp.ts';
import { cropTransform } from '../../../src/vision/pipeline/geometry.ts';

/** A slope in both directions, shrunk by a factor, as a decoder would. */
function slope(width: number, height: number, shrink = 1): Pixels {
  const [across, down] = [width / shrink, height / shrink];
  const data = new Uint8Array(across * down * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % across, Math.floor(i / 3 / across)];
    data[i] = Math.round((((x + 0.5) * shrink) / width) * 150 + (((y + 0.5) * shrink) / height) * 100);
  }
  return { data, width: across, height: down };
}

/** A picture of 1000 × 600 that was decoded at a tenth of its size, and the widths in which it was decoded since. */
function shrunk(): { readonly picture: Pyramid; readonly decoded: readonly number[] } {
  const decoded: number[] = [];
  const [width, height] = [1000, 600];
  const decode: Source['decode'] = async (size) => {
    decoded.push(size.width);
    return slope(width, height, width / size.width);
  };
  const sizes = [
    { width: 200, height: 120 },
    { width, height },
  ];
  return { picture: new Pyramid(slope(width, height, 10), { width, height, sizes, decode }), decoded };
}

test('a step is sampled from the size whose pixels are nearest to it', () => {
  const picture = new Pyramid(slope(1024, 512));
  const steps = [0.3, 1, 1.41, 1.42, 2.82, 2.83, 5.65, 5.66];
  assert.deepEqual(
    steps.map((step) => picture.for(step).shrink),
    [1, 1, 1, 2, 2, 4, 4, 8],
  );
  assert.equal(picture.for(2).pixels.width, 512);
});

test('a picture that was decoded smaller is decoded again as far as crops need it, and no farther', async () => {
  const { picture, decoded } = shrunk();
  for (const step of [Number.POSITIVE_INFINITY, 80, 7.1]) await picture.refine(step);
  assert.deepEqual(decoded, []);
  assert.deepEqual([picture.for(3).shrink, picture.for(7.1).shrink, picture.for(16).shrink], [10, 10, 20]);
  await picture.refine(5.1, 2);
  assert.deepEqual(decoded, [], 'a crop may be enlarged twice where that is said');
  await Promise.all([7, 3.6, 4].map((step) => picture.refine(step)));
  assert.deepEqual(decoded, [200]);
  await Promise.all([3.5, 1].map((step) => picture.refine(step)));
  await picture.refine(0.5);
  assert.deepEqual(decoded, [200, 1000]);
  assert.deepEqual(
    [1, 2, 3.5, 5, 10].map((step) => picture.for(step).shrink),
    [1, 2, 4, 5, 10],
  );
});

test('a size that is passed over is not decoded', async () => {
  const { picture, decoded } = shrunk();
  await picture.refine(1);
  await picture.refine(5);
  assert.deepEqual(decoded, [1000]);
});

test('places in a picture are those of its full size, whichever size is sampled', async () => {
  const { picture } = shrunk();
  assert.deepEqual([picture.base.width, picture.base.height], [1000, 600]);
  const placement = cropTransform(32, { x: 620, y: 280 }, 300, 0.4);
  const [coarse, finer, fine, whole] = [0, 1, 2, 3].map(() => new Float32Array(32 * 32 * 3));
  warpInto(coarse!, 32, picture, placement);
  await picture.refine(4);
  warpInto(finer!, 32, picture, placement);
  await picture.refine(1);
  warpInto(fine!, 32, picture, placement);
  warpInto(whole!, 32, new Pyramid(slope(1000, 600)), placement);
  for (const [i, value] of whole!.entries()) {
    for (const other of [coarse, finer, fine])
      assert.ok(Math.abs(other![i]! - value) < 1, `${other![i]}, not ${value}`);
  }
});

test('the pixels of every size are freed when a picture is', async () => {
  const [decoded, finer] = [slope(1000, 600, 10), slope(1000, 600, 5)];
  const size = { width: 200, height: 120 };
  const picture = new Pyramid(decoded, { width: 1000, height: 600, sizes: [size], decode: async () => finer });
  await picture.refine(5);
  const half = picture.for(40).pixels;
  picture.free();
  assert.deepEqual(
    [decoded, finer, half].map(({ data }) => data.byteLength),
    [0, 0, 0],
  );
});

test('a picture whose full size cannot be decoded says so', async () => {
  const decode = () => Promise.reject(new Error('cut off'));
  const size = { width: 1000, height: 600 };
  const picture = new Pyramid(slope(1000, 600, 5), { ...size, sizes: [size], decode });
  await assert.rejects(picture.refine(1), /cut off/);
});
