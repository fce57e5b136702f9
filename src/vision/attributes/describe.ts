/** Runs faceres: a feature vector from which attributes are computed, and gender. */

import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';

/** The output of faceres for one face. */
export interface Description {
  /** 1024 numbers, none negative. */
  readonly feature: Float32Array;
  /** The probability that the face is male, from 0 to 1. */
  readonly male: number;
}

const size = 224;
/** The crop is this much larger than the face's frame. */
const margin = 1.4;
/** The mean blue, green and red of VGGFace2, which were subtracted in the training of faceres. */
const normalization: Normalization = { order: 'bgr', mean: [103.939, 116.779, 123.68], std: 1 };

/** Runs faceres on every face. */
export async function describeFaces(
  network: Network,
  picture: Pyramid,
  meshes: readonly Mesh[],
): Promise<Description[]> {
  using lent = lendFloats(size * size * 3);
  const input = lent.values;
  const descriptions: Description[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(input, size, picture, cropTransform(size, centre, margin * side, angle), normalization);
    const { feature, gender } = await network.run(input, [1, size, size, 3]);
    descriptions.push({ feature: feature!, male: gender![0]! });
  }
  return descriptions;
}
