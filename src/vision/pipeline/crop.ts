/**
 * Makes the crop that is stored with a face: a small upright JPEG, from which a later model can embed the face again.
 */
import sharp from 'sharp';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import { anchorsOf, placeAligned } from './align.ts';
import { scaleOf } from './geometry.ts';
import type { Mesh } from './mesh.ts';

/** Side in pixels. */
const size = 160;
/**
 * The width of the crop in widths of the aligner's template: it holds the whole head, so that the face is detected in
 * it again.
 */
const zoom = 1.5;
/** JPEG quality, 1 to 100. */
const quality = 90;

/** The aligned face as a JPEG. */
export async function cropFace(picture: Pyramid, mesh: Mesh): Promise<Uint8Array> {
  const pixels = new Float32Array(size * size * 3);
  const placement = placeAligned(anchorsOf(mesh), size, zoom);
  await picture.refine(scaleOf(placement));
  warpInto(pixels, size, picture, placement);
  const raw = { width: size, height: size, channels: 3 } as const;
  return new Uint8Array(await sharp(new Uint8ClampedArray(pixels), { raw }).jpeg({ quality }).toBuffer());
}
