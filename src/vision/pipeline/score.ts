/** Turns the cosine of two embeddings into a score that means the same everywhere, and tells which faces may be copies. */
import type { EmbeddingLikeness, EmbeddingModel, ScoreScale } from '../../domain/face-analyzer.ts';
import { dot } from '../kernels/dot.ts';
import type { Manifest } from '../packs/manifest.ts';
import scale from '../parameters/score.json' with { type: 'json' };
import { embeddingLength, identityLength, pictureHashShare } from './embed.ts';

/** Faces of this score may be copies whatever their picture hashes say, as mirrored ones are: bench/vision/scale.ts sets the knot there. */
const copyScore = 99;
/** The scores at which the face API cuts (docs/contract.md §3.2): a scale that comes to them goes on beyond them. */
const [scoreLeast, scoreMost] = [0, 100];
/** Only faces this much alike can be of one photograph: one pair of strangers in a hundred thousand is. */
const samePerson = 90;

/** How long embeddings are, and what their likeness means: as a pack has it if it brings a recogniser, or built in. */
export function measureOf(
  pack: Pick<Manifest, 'recogniser' | 'score'> | undefined,
): ScoreScale & Pick<EmbeddingModel, 'dimension'> {
  const { recogniser, score: scale } = pack ?? {};
  if (!recogniser || !scale) return { dimension: embeddingLength, compare: compareEmbeddings, scoreOf };
  const score = (cosine: number) => scoreBetween(scale.knots, cosine);
  const compare = (a: Float32Array, b: Float32Array): EmbeddingLikeness => {
    const likeness = score(dot(a, b));
    return { score: likeness, mayBeCopy: likeness >= samePerson };
  };
  return { dimension: recogniser.dimension, compare, scoreOf: score };
}

/**
 * How alike two embeddings of the built-in networks are: a score that is a rising function of their cosine, straight
 * between knots, and whether they may be of one photograph. The picture hashes at the end of both rule that out for most
 * pairs, so that few crops are compared.
 * @param a of unit length.
 * @param b of unit length.
 */
export function compareEmbeddings(a: Float32Array, b: Float32Array): EmbeddingLikeness {
  const score = scoreOf(dot(a, b));
  const mayBeCopy = score >= copyScore || (score >= samePerson && pictureHashCorrelation(a, b) >= scale.signature);
  return { score, mayBeCopy };
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
 * The score of a cosine. Beyond an outermost knot of score 0 or 100 the straight line goes on; a scale that does not come
 * so far ends at the score that it has.
 * @param knots at least two, their cosines rising.
 */
export function scoreBetween(knots: readonly Knot[], cosine: number): number {
  const last = knots.length - 1;
  const upper = knots.findIndex((knot) => cosine < knot.cosine);
  if (upper === 0 && knots[0]!.score > scoreLeast) return knots[0]!.score;
  if (upper < 0 && knots[last]!.score < scoreMost) return knots[last]!.score;
  const at = upper < 0 ? last : Math.max(1, upper);
  const [low, high] = [knots[at - 1]!, knots[at]!];
  return low.score + ((high.score - low.score) * (cosine - low.cosine)) / (high.cosine - low.cosine);
}
