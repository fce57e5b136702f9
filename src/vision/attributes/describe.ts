/** Runs faceres: a feature that attributes are read from, and gender. */

import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';

/** What faceres says of one face. */
export interface Description {
  /** 1024 numbers, none negative. */
  readonly feature: Float32Array;
  /** How male the face is, from 0 to 1. */
  readonly male: number;
}

const size = 224;
/** The crop is this much larger than the face's frame. */
const margin = 1.4;
/** faceres was trained without the blue, green and red of VGGFace2's mean picture. */
const normalization: Normalization = { order: 'bgr', mean: [103.939, 116.779, 123.68], std: 1 };

/** Runs faceres on every face. */
export async function describeFaces(
  network: Network,
  picture: Pyramid,
  meshes: readonly Mesh[],
): Promise<Description[]> {
  const input = new Float32Array(size * size * 3);
  const descriptions: Description[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(input, size, picture, cropTransform(size, centre, margin * side, angle), normalization);
    const { feature, gender } = await network.run(input, [1, size, size, 3]);
    descriptions.push({ feature: feature!, male: gender![0]! });
  }
  return descriptions;
}
