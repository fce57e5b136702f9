/** Knows who a face resembles: two networks that err differently, joined into one unit vector. */
import { anchorsOf, placeAligned } from './align.ts';
import { placing } from './geometry.ts';
import { stretch } from './kernels/dot.ts';
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
  /** Probability of each year of age from 1 to 100. */
  readonly ages: Float32Array;
}

const describedSize = 224;
/** Blue, green and red of VGGFace2's mean picture, which faceres was trained without. */
const describedMean = [103.939, 116.779, 123.68] as const;
const describedMargin = 1.4;
const featureLength = 1024;
const agesLength = 100;

const recognisedSize = 150;
/** Red, green and blue of dlib's mean picture. */
const recognisedMean = [122.782, 117.001, 104.298] as const;
const recognisedLength = 128;

/** How much more dlib's half counts than faceres', which is centred and so spreads wider: the best of 1 to 6 on LFW. */
const recognisedWeight = 3;

/** Numbers in an embedding. */
export const embeddingLength = featureLength + recognisedLength;

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
  const { feature, gender, age } = await network.run(input, [meshes.length, describedSize, describedSize, 3]);
  return meshes.map((_, n) => ({
    feature: feature!.subarray(n * featureLength, (n + 1) * featureLength),
    male: gender![n]!,
    ages: age!.subarray(n * agesLength, (n + 1) * agesLength),
  }));
}

/** Runs dlib's recogniser on every face: 128 numbers each. */
export async function recognise(network: Network, picture: Pyramid, meshes: readonly Mesh[]): Promise<Float32Array[]> {
  const itemLength = recognisedSize * recognisedSize * 3;
  const input = new Float32Array(meshes.length * itemLength);
  meshes.forEach((mesh, n) => {
    const placement = placeAligned(anchorsOf(mesh), recognisedSize, 1);
    warpInto(input, n * itemLength, recognisedSize, picture, placement);
  });
  for (let i = 0; i < input.length; i += 3) {
    for (let c = 0; c < 3; c++) input[i + c] = (input[i + c]! - recognisedMean[c]!) / 255;
  }
  const { embedding } = await network.run(input, [meshes.length, recognisedSize, recognisedSize, 3]);
  return meshes.map((_, n) => embedding!.subarray(n * recognisedLength, (n + 1) * recognisedLength));
}

/**
 * Joins what both networks say into one vector of unit length. faceres' features all lie in one corner of their space,
 * since none is negative; from the mean face they spread.
 * @param meanFeature the mean of faceres' features of unit length.
 * @returns undefined if either has no direction.
 */
export function join(
  feature: Float32Array,
  recognised: Float32Array,
  meanFeature: ArrayLike<number>,
): Float32Array | undefined {
  const joined = new Float32Array(embeddingLength);
  joined.set(feature);
  joined.set(recognised, featureLength);
  const described = joined.subarray(0, featureLength);
  if (!stretch(described, 1)) return undefined;
  for (let i = 0; i < featureLength; i++) described[i] = described[i]! - meanFeature[i]!;
  const length = Math.hypot(1, recognisedWeight);
  const directed = stretch(described, 1 / length) && stretch(joined.subarray(featureLength), recognisedWeight / length);
  return directed ? joined : undefined;
}
