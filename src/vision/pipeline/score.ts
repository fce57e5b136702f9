/** Turns the cosine of two embeddings into a score from 0 to 100 that means the same everywhere. */
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import { dot } from '../kernels/dot.ts';
import type { Manifest } from '../packs/manifest.ts';
import scale from '../parameters/score.json' with { type: 'json' };
import { embeddingLength, identityLength, pictureHashShare } from './embed.ts';

/** From this score on two pictures are almost the same (docs/contract.md §3.2). */
const samePicture = 99;
/** Only faces this much alike can be of one photograph: one pair of strangers in a hundred thousand is. */
const samePerson = 90;

/** How long embeddings are, and what their likeness means: as a pack has it if it brings a recogniser, or built in. */
export function measureOf(
  pack: Pick<Manifest, 'recogniser' | 'score'> | undefined,
): Pick<FaceAnalyzer, 'dimension' | 'compare' | 'scoreOf'> {
  const { recogniser, score: scale } = pack ?? {};
  if (!recogniser || !scale) return { dimension: embeddingLength, compare: compareEmbeddings, scoreOf };
  const score = (cosine: number) => scoreBetween(scale.knots, cosine);
  return { dimension: recogniser.dimension, compare: (a, b) => score(dot(a, b)), scoreOf: score };
}

/**
 * How alike two embeddings of the built-in networks are, from 0 to 100 (docs/contract.md §3.2): a rising function of their
 * cosine, straight between knots. One pair of strangers in a thousand, ten thousand and a hundred thousand passes 70, 80 and 90; 99 and
 * above is almost the same picture, which the signatures at the end of both decide.
 * @param a of unit length.
 * @param b of unit length.
 */
export function compareEmbeddings(a: Float32Array, b: Float32Array): number {
  const score = scoreOf(dot(a, b));
  const copied = score >= samePerson && pictureHashCorrelation(a, b) >= scale.signature;
  return copied ? Math.max(score, samePicture) : score;
}

/** The correlation of the crops' signatures, -1 to 1. */
export function pictureHashCorrelation(a: Float32Array, b: Float32Array): number {
  return Math.min(1, dot(a.subarray(identityLength), b.subarray(identityLength)) / pictureHashShare ** 2);
}

/** A cosine and its score; between knots the scale is straight. */
export interface Knot {
  readonly cosine: number;
  readonly score: number;
}

/** The score of a cosine between embeddings of the built-in networks. */
export function scoreOf(cosine: number): number {
  return scoreBetween(scale.knots, cosine);
}

/**
 * The score of a cosine; cosines beyond the knots get the outermost scores.
 * @param knots at least two, their cosines rising.
 */
export function scoreBetween(knots: readonly Knot[], cosine: number): number {
  const upper = knots.findIndex((knot) => cosine < knot.cosine);
  if (upper === 0) return knots[0]!.score;
  if (upper < 0) return knots.at(-1)!.score;
  const low = knots[upper - 1]!;
  const high = knots[upper]!;
  return low.score + ((high.score - low.score) * (cosine - low.cosine)) / (high.cosine - low.cosine);
}
