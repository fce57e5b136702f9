/** Knows what faceres sees in a face: a feature that attributes are read from, and gender. */
import { placing } from './geometry.ts';
import type { Pyramid } from './kernels/pixels.ts';
import { warpInto } from './kernels/warp.ts';
import { frameOf, type Mesh } from './mesh.ts';
import type { Network } from './runtime.ts';

/** What faceres says of one face. */
export interface Description {
  /** 1024 numbers, none negative. */
  readonly feature: Float32Array;
  /** How male the face is, from 0 to 1. */
  readonly male: number;
}

const describedSize = 224;
/** Blue, green and red of VGGFace2's mean picture, which faceres was trained without. */
const describedMean = [103.939, 116.779, 123.68] as const;
const describedMargin = 1.4;
const featureLength = 1024;

/** Runs faceres on every face. */
export async function describe(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<Description[]> {
  const itemLength = describedSize * describedSize * 3;
  const input = new Float32Array(meshes.length * itemLength);
  meshes.forEach((mesh, n) => {
    const { centre, side, angle } = frameOf(mesh);
    warpInto(
      input,
      n * itemLength,
      describedSize,
      picture,
      placing(describedSize, centre, describedMargin * side, angle),
    );
  });
  for (let i = 0; i < input.length; i += 3) {
    const red = input[i]!;
    input[i] = input[i + 2]! - describedMean[0];
    input[i + 1] = input[i + 1]! - describedMean[1];
    input[i + 2] = red - describedMean[2];
  }
  const { feature, gender } = await network.run(input, [meshes.length, describedSize, describedSize, 3]);
  return meshes.map((_, n) => ({
    feature: feature!.subarray(n * featureLength, (n + 1) * featureLength),
    male: gender![n]!,
  }));
}
