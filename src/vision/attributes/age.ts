/**
 * Estimates the age of a face. faceres estimates an age too, but fifteen years too low for people over 60; a mixture of
 * both has a larger error than face-api's network alone (docs/decisions/0007-attributes.md).
 */

import { lendFloats } from '../kernels/floats.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';

const inputSize = 112;
/** The mean red, green and blue that were subtracted in the training of face-api's networks. */
const normalization: Normalization = { order: 'rgb', mean: [122.782, 117.001, 104.298], std: 255 };

/** Estimates the age of every face in years, with face-api's network. */
export async function estimateYears(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<number[]> {
  using lent = lendFloats(inputSize * inputSize * 3);
  const input = lent.values;
  const years: number[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(input, inputSize, picture, cropTransform(inputSize, centre, side, angle), normalization);
    const { age } = await network.run(input, [1, inputSize, inputSize, 3]);
    years.push(age![0]!);
  }
  return years;
}
