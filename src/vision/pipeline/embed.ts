/** Embeds a face: a unit vector, near to those of other faces of the same person. */
import { createHash } from 'node:crypto';
import { Refusal } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import { lendFloats } from '../kernels/floats.ts';
import { mirrorInto } from '../kernels/mirror.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import meanFace from '../parameters/mean-face.json' with { type: 'json' };
import { arcFaceTemplate, type FacePoints, placeOn } from './align.ts';
import { scaleOf } from './geometry.ts';

const size = 112;
const itemLength = 3 * size * size;
/** From −1 to 1, almost. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 128 };

/** Numbers in an embedding, and in the recogniser's output. */
export const embeddingLength = 192;

/** A recogniser that is ready to run: the built-in one, or a pack's. */
export interface Recogniser {
  /**
   * Embeds every face: a vector of unit length.
   * @throws Refusal `featureFailed` if an embedding is zero or not finite.
   */
  embed(picture: Pyramid, faces: readonly FacePoints[]): Promise<Float32Array[]>;
}

/** The built-in recogniser. */
export function builtinRecogniser(network: Network): Recogniser {
  return {
    embed: async (picture, faces) =>
      (await recognise(network, picture, faces)).map((recognised) => {
        const embedding = embeddingOf(recognised);
        if (!embedding) throw new Refusal('featureFailed');
        return embedding;
      }),
  };
}

/** Runs the recogniser on every face and its mirror image. Each result is the sum of both outputs. */
export async function recognise(
  network: Network,
  picture: Pyramid,
  faces: readonly FacePoints[],
): Promise<Float32Array[]> {
  using lent = lendFloats(2 * itemLength);
  const input = lent.values;
  const recognised: Float32Array[] = [];
  // Face by face: a larger batch is no faster, and takes more memory.
  for (const points of faces) {
    const placement = placeOn(arcFaceTemplate, points);
    await picture.refine(scaleOf(placement));
    warpInto(input, size, picture, placement, normalization);
    mirrorInto(input.subarray(itemLength), input, size);
    const { embedding } = await network.run(input, [2, size, size, 3]);
    recognised.push(
      Float32Array.from({ length: embeddingLength }, (_, i) => embedding![i]! + embedding![embeddingLength + i]!),
    );
  }
  return recognised;
}

/**
 * Makes an embedding from the output of the recogniser: a vector of unit length.
 * @param recognised a result of {@link recognise}.
 * @param mean the mean of the {@link directionOf directions} of many people, which is subtracted.
 * @returns undefined if the output is zero or not finite.
 */
export function embeddingOf(
  recognised: Float32Array,
  mean: ArrayLike<number> = meanFace.direction,
): Float32Array | undefined {
  const direction = directionOf(recognised);
  if (!direction) return undefined;
  const embedding = direction.map((value, i) => value - mean[i]!);
  return normalize(embedding, 1) ? embedding : undefined;
}

/**
 * The recogniser's output scaled to unit length.
 * @returns undefined if it is zero or not finite.
 */
export function directionOf(recognised: Float32Array): Float32Array | undefined {
  const direction = recognised.slice();
  return normalize(direction, 1) ? direction : undefined;
}

/**
 * SHA-256 of the learned parameters that embeddings depend on, hexadecimal.
 * @param mean as for {@link embeddingOf}.
 */
export function digestOfParameters(mean: readonly number[] = meanFace.direction): string {
  return createHash('sha256').update(JSON.stringify(mean)).digest('hex');
}
