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

/** A picture of 1000 × 600 that was decoded at a fifth of its size, and how often its full size was decoded. */
function shrunk(): { readonly picture: Pyramid; readonly decoded: () => number } {
  let decoded = 0;
  const decode: Source['decode'] = async () => {
    decoded++;
    return slope(1000, 600);
  };
  return { picture: new Pyramid(slope(1000, 600, 5), { width: 1000, height: 600, decode }), decoded: () => decoded };
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

test('a picture that was decoded smaller is decoded once more where its pixels are too few, and only there', async () => {
  const { picture, decoded } = shrunk();
  for (const step of [40, 7, 3.6]) await picture.refine(step);
  assert.equal(decoded(), 0);
  assert.deepEqual([picture.for(3.6).shrink, picture.for(8).shrink], [5, 10]);
  await Promise.all([3.5, 1].map((step) => picture.refine(step)));
  await picture.refine(0.5);
  assert.equal(decoded(), 1);
  assert.deepEqual(
    [1, 2, 3.5, 5, 10].map((step) => picture.for(step).shrink),
    [1, 2, 4, 5, 10],
  );
});

test('places in a picture are those of its full size, whichever size is sampled', async () => {
  const { picture } = shrunk();
  assert.deepEqual([picture.base.width, picture.base.height], [1000, 600]);
  const placement = cropTransform(32, { x: 620, y: 280 }, 300, 0.4);
  const [coarse, fine, whole] = [0, 1, 2].map(() => new Float32Array(32 * 32 * 3));
  warpInto(coarse!, 32, picture, placement);
  await picture.refine(1);
  warpInto(fine!, 32, picture, placement);
  warpInto(whole!, 32, new Pyramid(slope(1000, 600)), placement);
  for (const [i, value] of whole!.entries()) {
    assert.ok(Math.abs(coarse![i]! - value) < 1, `${coarse![i]}, not ${value}`);
    assert.ok(Math.abs(fine![i]! - value) < 1, `${fine![i]}, not ${value}`);
  }
});

test('a picture whose full size cannot be decoded says so', async () => {
  const decode = () => Promise.reject(new Error('cut off'));
  const picture = new Pyramid(slope(1000, 600, 5), { width: 1000, height: 600, decode });
  await assert.rejects(picture.refine(1), /cut off/);
});
