/**
 * Makes the crop that is stored with a face: a small upright JPEG, from which a later model can embed the face again.
 */
import sharp from 'sharp';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import reference from '../parameters/reference-face.json' with { type: 'json' };
import { anchorsOf, placeAligned } from './align.ts';
import { apply, invert, scaleOf } from './geometry.ts';
import { type Frame, frameOf, type Mesh } from './mesh.ts';

/** Side in pixels. */
const size = 160;
/**
 * The width of the crop in widths of the aligner's template: it holds the whole head, so that the face is detected in
 * it again.
 */
const zoom = 1.5;
/** JPEG quality, 1 to 100. */
const quality = 90;

/** Where the mean face lies in a crop whose side is 1. */
const meanFrame = frameOf(meanMesh());

/** The aligned face as a JPEG. */
export async function cropFace(picture: Pyramid, mesh: Mesh): Promise<Uint8Array> {
  const pixels = new Float32Array(size * size * 3);
  const placement = placeAligned(anchorsOf(mesh), size, zoom);
  await picture.refine(scaleOf(placement));
  warpInto(pixels, size, picture, placement);
  const raw = { width: size, height: size, channels: 3 } as const;
  return new Uint8Array(await sharp(new Uint8ClampedArray(pixels), { raw }).jpeg({ quality }).toBuffer());
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
