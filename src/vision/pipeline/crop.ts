/**
 * Makes the crop that is stored with a face: a small upright JPEG, from which a later model can embed the face again.
 */
import sharp from 'sharp';
import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import reference from '../parameters/reference-face.json' with { type: 'json' };
import { anchorsOf, type FacePoints, facePointsOf, placeAligned } from './align.ts';
import { withPoints } from './crop-points.ts';
import { apply, invert, scaleOf } from './geometry.ts';
import { type Frame, frameOf, type Mesh } from './mesh.ts';

/**
 * Side in pixels: the built-in recogniser finds a pixel and a quarter there for each of its input, dlib's and faceres some 0.8
 * (docs/decisions/0030-crops.md). Crops of before have 160.
 */
const size = 192;
/**
 * The width of the crop in widths of the aligner's template: it holds the whole head, so that the face is detected in
 * it again.
 */
const zoom = 1.5;
/**
 * JPEG quality, 1 to 100: a crop takes some 8 KB. With Huffman codes of its own it would take a twentieth less, and half as much time again.
 */
const quality = 90;

/** Where the mean face lies in a crop whose side is 1. */
const meanFrame = frameOf(meanMesh());

/** The aligned face as a JPEG, with the points by which recognisers align it. */
export async function cropFace(picture: Pyramid, mesh: Mesh): Promise<Uint8Array> {
  const raw = { width: size, height: size, channels: 3 } as const;
  const jpeg = await sharp(await cutCrop(picture, mesh, size), { raw })
    .jpeg({ quality, optimiseCoding: false })
    .toBuffer();
  return withPoints(jpeg, pointsInCrop(mesh, size));
}

/** Where the points of a face lie in its crop. @param side of the crop in pixels. */
export function pointsInCrop(mesh: Mesh, side: number): FacePoints {
  const toCrop = invert(placeAligned(anchorsOf(mesh), side, zoom));
  return facePointsOf(mesh).map((point) => apply(toCrop, point));
}

/** The red, green and blue of a crop, interleaved. @param side of the crop in pixels. */
export async function cutCrop(picture: Pyramid, mesh: Mesh, side: number): Promise<Uint8ClampedArray> {
  const placement = placeAligned(anchorsOf(mesh), side, zoom);
  await picture.refine(scaleOf(placement));
  using pixels = lendFloats(side * side * 3);
  warpInto(pixels.values, side, picture, placement);
  const bytes = new Uint8ClampedArray(pixels.values.length);
  // One by one: to make the bytes of the whole array at once takes three times as long.
  for (let i = 0; i < bytes.length; i++) bytes[i] = pixels.values[i]!;
  return bytes;
}

/**
 * Where a face lies in the crop that was made of it, as far as the template tells.
 * @param side of the crop in pixels.
 */
export function frameInCrop(side: number): Frame {
  const { centre, side: share, angle } = meanFrame;
  return { centre: { x: centre.x * side, y: centre.y * side }, side: share * side, angle };
}

/** The mean face, laid on the template as every face is. */
function meanMesh(): Mesh {
  const mean: Mesh = { points: Float32Array.from(reference.points), presence: 1 };
  const toCrop = invert(placeAligned(anchorsOf(mean), 1, zoom));
  const points = mean.points.slice();
  for (let i = 0; i < points.length; i += 3) {
    const { x, y } = apply(toCrop, { x: points[i]!, y: points[i + 1]! });
    points[i] = x;
    points[i + 1] = y;
  }
  return { points, presence: 1 };
}
