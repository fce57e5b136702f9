/**
 * Estimates the age of a face. faceres tells an age too, but people over 60 fifteen years too young; a mixture of both is
 * farther off than face-api's network alone (docs/decisions/0007-attributes.md).
 */

import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { cropTransform } from '../pipeline/geometry.ts';
import { frameOf, type Mesh } from '../pipeline/mesh.ts';

const inputSize = 112;
/** face-api's networks were trained without the mean picture's red, green and blue. */
const normalization: Normalization = { order: 'rgb', mean: [122.782, 117.001, 104.298], std: 255 };

/** Runs face-api's age network on every face: years. */
export async function estimateYears(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<number[]> {
  const input = new Float32Array(inputSize * inputSize * 3);
  const years: number[] = [];
  for (const mesh of meshes) {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(input, inputSize, picture, cropTransform(inputSize, centre, side, angle), normalization);
    const { age } = await network.run(input, [1, inputSize, inputSize, 3]);
    years.push(age![0]!);
  }
  return years;
}
