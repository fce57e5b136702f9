/** Knows who a face resembles: two networks that err differently, joined into one unit vector. */
import { createHash } from 'node:crypto';
import { anchorsOf, placeAligned } from './align.ts';
import { placing } from './geometry.ts';
import { stretch } from './kernels/dot.ts';
import type { Pyramid } from './kernels/pixels.ts';
import { warpInto } from './kernels/warp.ts';
import { frameOf, type Mesh } from './mesh.ts';
import meanFace from './parameters/mean-face.json' with { type: 'json' };
import projection from './parameters/projection.json' with { type: 'json' };
import { learnedRows, project, projectedLength } from './projection.ts';
import type { Network } from './runtime.ts';
import { signatureLength, signatureOf } from './signature.ts';

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

/** How far faceres' roots lie from their mean, as a root mean square over LFW: the unit in which they are measured. */
const describedSpread = 0.672;
/** Likewise of dlib's unit vectors. */
const recognisedSpread = 0.404;

/** Numbers in what both networks say together: faceres' feature, its lift, and what dlib says. */
export const jointLength = featureLength + 1 + recognisedLength;

/** Numbers in what {@link recognise} says of a face: dlib's, and the {@link signatureOf signature} of the crop. */
export const recognisedAndSignedLength = recognisedLength + signatureLength;

/** Numbers in an embedding: who it is, and which photograph. */
export const embeddingLength = projectedLength + signatureLength;

/** The length of the signature in an embedding: so short that it moves a cosine by {@link signatureShare}² at most. */
export const signatureShare = 0.01;

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

/** Runs dlib's recogniser on every face: 128 numbers each, and after them the crop's signature. */
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
  return meshes.map((mesh, n) => {
    const said = new Float32Array(recognisedAndSignedLength);
    said.set(embedding!.subarray(n * recognisedLength, (n + 1) * recognisedLength));
    said.set(signatureOf(picture, mesh), recognisedLength);
    return said;
  });
}

/**
 * Joins what both networks say into one vector of unit length: who it is, {@link projectedLength} numbers, and, as short
 * as {@link signatureShare}, which photograph.
 * @param recognised as {@link recognise} gives it.
 * @param meanFeature the mean of the {@link rootsOf roots} of faceres' features.
 * @param rows of the projection.
 * @returns undefined if either network gave no direction.
 */
export function join(
  feature: Float32Array,
  recognised: Float32Array,
  meanFeature: ArrayLike<number>,
  rows: Float32Array = learnedRows,
): Float32Array | undefined {
  const joint = joinWhole(feature, recognised, meanFeature);
  if (!joint) return undefined;
  const projected = project(joint, rows);
  if (!stretch(projected, Math.sqrt(1 - signatureShare ** 2))) return undefined;
  const embedding = new Float32Array(embeddingLength);
  embedding.set(projected);
  for (let i = 0; i < signatureLength; i++) {
    embedding[projectedLength + i] = signatureShare * recognised[recognisedLength + i]!;
  }
  // A crop of one shade has no signature, and the length of the whole is still 1.
  stretch(embedding, 1);
  return embedding;
}

/**
 * What both networks say, before it is projected: faceres' roots from their mean and, so that distance from the mean
 * counts as well as direction, a constant beside them; then dlib's unit vector, which is told apart by distance too.
 * @returns undefined if either network gave no direction.
 */
export function joinWhole(
  feature: Float32Array,
  recognised: Float32Array,
  meanFeature: ArrayLike<number>,
): Float32Array | undefined {
  const joint = new Float32Array(jointLength);
  const roots = rootsOf(feature);
  const [described, said] = [joint.subarray(0, featureLength + 1), joint.subarray(featureLength + 1)];
  said.set(recognised.subarray(0, recognisedLength));
  if (!roots || !stretch(said, 1 / recognisedSpread)) return undefined;
  for (let i = 0; i < featureLength; i++) described[i] = (roots[i]! - meanFeature[i]!) / describedSpread;
  described[featureLength] = 1;
  stretch(described, Math.SQRT2);
  return stretch(joint, 1) ? joint : undefined;
}

/**
 * The roots of a feature's numbers, of unit length: a few large ones would outweigh the rest.
 * @returns undefined if the feature has no direction.
 */
export function rootsOf(feature: Float32Array): Float32Array | undefined {
  const roots = feature.map((value) => Math.sqrt(Math.max(0, value)));
  return stretch(roots, 1) ? roots : undefined;
}

/** SHA-256 of the learned parameters that embeddings depend on, hexadecimal. */
export function digestOfParameters(): string {
  return createHash('sha256').update(JSON.stringify(meanFace.feature)).update(projection.rows).digest('hex');
}
