/** A perceptual hash of a face's crop, which tells a copy from another photograph of the same person. */

import { normalize } from '../kernels/dot.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { warpInto } from '../kernels/warp.ts';
import { anchorsOf, placeAligned } from './align.ts';
import type { Mesh } from './mesh.ts';

/** Numbers in a signature. */
export const pictureHashLength = 64;

/** Side of the crop in pixels. */
const size = 32;
/** How much wider than the aligner's template the crop looks: hair and collar change between photographs. */
const zoom = 1.6;
/** Longer than all that rounding leaves of a crop of one shade; a wave of a hundredth of a step of brightness is longer still. */
const roundingMax = 1;
/** Rec. 601's weights of red, green and blue. */
const luma = [0.299, 0.587, 0.114] as const;

/** The lowest frequencies across and down but the mean, which brightness moves. */
const frequencies = Array.from({ length: size * size }, (_, i) => ({ across: i % size, down: Math.floor(i / size) }))
  .sort((a, b) => a.across + a.down - b.across - b.down || a.across - b.across)
  .slice(1, 1 + pictureHashLength);

/** cos(π·f·(i + ½) / size), row by frequency: the discrete cosine transform's waves. */
const waves = Array.from({ length: size }, (_, f) =>
  Float32Array.from({ length: size }, (_, i) => Math.cos((Math.PI * f * (i + 0.5)) / size)),
);

/**
 * The low frequencies of an aligned face, of unit length; all zero for a crop of one shade. Finer waves weigh more, by
 * the root of their frequency, since all faces share the coarsest.
 */
export function pictureHash(picture: Pyramid, mesh: Mesh): Float32Array {
  const crop = new Float32Array(size * size * 3);
  warpInto(crop, size, picture, placeAligned(anchorsOf(mesh), size, zoom));
  const signature = Float32Array.from(frequencies, ({ across, down }) => {
    const weight = Math.sqrt(across + down) * (across === 0 ? Math.SQRT1_2 : 1) * (down === 0 ? Math.SQRT1_2 : 1);
    return weight * amplitude(crop, waves[across]!, waves[down]!);
  });
  // What rounding leaves of one shade would come out as long as any other.
  if (!(Math.hypot(...signature) > roundingMax)) return signature.fill(0);
  normalize(signature, 1);
  return signature;
}

function amplitude(crop: Float32Array, across: Float32Array, down: Float32Array): number {
  let sum = 0;
  for (let y = 0, at = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++, at += 3) {
      row += across[x]! * (luma[0] * crop[at]! + luma[1] * crop[at + 1]! + luma[2] * crop[at + 2]!);
    }
    sum += row * down[y]!;
  }
  return sum;
}
