/**
 * Knows how old a face looks. faceres tells an age too, but people over 60 fifteen years too young; a mixture of both is
 * farther off than face-api's network alone (docs/decisions/0007-attributes.md).
 */
import { placing } from './geometry.ts';
import type { Pyramid } from './kernels/pixels.ts';
import { warpInto } from './kernels/warp.ts';
import { frameOf, type Mesh } from './mesh.ts';
import type { Network } from './runtime.ts';

const inputSize = 112;
/** Red, green and blue of the mean picture that face-api's networks were trained without. */
const mean = [122.782, 117.001, 104.298] as const;

/** Runs face-api's age network on every face: years. */
export async function estimateYears(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<number[]> {
  const itemLength = inputSize * inputSize * 3;
  const input = new Float32Array(meshes.length * itemLength);
  meshes.forEach((mesh, n) => {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(input, n * itemLength, inputSize, picture, placing(inputSize, centre, side, angle));
  });
  for (let i = 0; i < input.length; i += 3) {
    for (let c = 0; c < 3; c++) input[i + c] = (input[i + c]! - mean[c]!) / 255;
  }
  const { age } = await network.run(input, [meshes.length, inputSize, inputSize, 3]);
  return meshes.map((_, n) => age![n]!);
}
