/** Embeds a face: a unit vector, near to those of other faces of the same person. */
import { createHash } from 'node:crypto';
import { Refusal } from '../../errors/refusals.ts';
import { normalize } from '../kernels/dot.ts';
import { lendFloats } from '../kernels/floats.ts';
import { mirrorInto } from '../kernels/mirror.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { type Normalization, warpInto } from '../kernels/warp.ts';
import type { Network } from '../models/runtime.ts';
import { togetherIfBetter } from '../models/together.ts';
import meanFace from '../parameters/mean-face.json' with { type: 'json' };
import { arcFaceTemplate, type FacePoints, placeOn } from './align.ts';
import { scaleOf } from './geometry.ts';

const size = 112;
const itemLength = 3 * size * size;
/** From −1 to 1, almost. */
const normalization: Normalization = { order: 'rgb', mean: [127.5, 127.5, 127.5], std: 128 };

/** Numbers in an embedding, and in the recogniser's output. */
export const embeddingLength = 192;

/** A face in a picture. */
export interface PlacedFace {
  readonly picture: Pyramid;
  readonly points: FacePoints;
}

/** A recogniser that is ready to run: the built-in one, or a pack's. */
export interface Recogniser {
  /**
   * Embeds every face: a vector of unit length.
   * @throws Refusal `featureFailed` if an embedding is zero or not finite.
   */
  embed(picture: Pyramid, faces: readonly FacePoints[]): Promise<Float32Array[]>;
  /**
   * Embeds faces of several pictures, in one run of the network if that takes less time and gives what {@link embed} does. One alone is
   * embedded as by that.
   * @returns for each its embedding, or why there is none.
   */
  embedTogether(faces: readonly PlacedFace[]): Promise<(Float32Array | Refusal)[]>;
}

/** The built-in recogniser. */
export function builtinRecogniser(network: Network): Recogniser {
  const together = togetherIfBetter(network);
  return {
    embed: async (picture, faces) =>
      (await recognise(network, picture, faces)).map((recognised) => {
        const embedding = embeddingOf(recognised);
        if (!embedding) throw new Refusal('featureFailed');
        return embedding;
      }),
    embedTogether: async (faces) =>
      (await recogniseBy(faces.length > 1 ? together : network.run, faces)).map(
        (recognised) => embeddingOf(recognised) ?? new Refusal('featureFailed'),
      ),
  };
}

/** Runs the recogniser on every face and its mirror image. Each result is the sum of both outputs. */
export async function recognise(
  network: Network,
  picture: Pyramid,
  faces: readonly FacePoints[],
): Promise<Float32Array[]> {
  const recognised: Float32Array[] = [];
  for (const points of faces) recognised.push(...(await recogniseBy(network.run, [{ picture, points }])));
  return recognised;
}

async function recogniseBy(run: Network['run'], faces: readonly PlacedFace[]): Promise<Float32Array[]> {
  using lent = lendFloats(2 * faces.length * itemLength);
  for (const [i, { picture, points }] of faces.entries()) {
    const input = lent.values.subarray(2 * i * itemLength, 2 * (i + 1) * itemLength);
    const placement = placeOn(arcFaceTemplate, points);
    await picture.refine(scaleOf(placement));
    warpInto(input, size, picture, placement, normalization);
    mirrorInto(input.subarray(itemLength), input, size);
  }
  const { embedding } = await run(lent.values, [2 * faces.length, size, size, 3]);
  return faces.map((_, i) => {
    const [plain, mirrored] = [2 * i * embeddingLength, (2 * i + 1) * embeddingLength];
    return Float32Array.from({ length: embeddingLength }, (_, k) => embedding![plain + k]! + embedding![mirrored + k]!);
  });
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
