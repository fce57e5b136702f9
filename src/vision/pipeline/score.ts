/** Turns the cosine of two embeddings into a score that means the same everywhere, and tells which faces may be copies. */
import type { EmbeddingModel, ScoreScale } from '../../domain/face-analyzer.ts';
import { dot } from '../kernels/dot.ts';
import type { Manifest } from '../packs/manifest.ts';
import scale from '../parameters/score.json' with { type: 'json' };
import { embeddingLength } from './embed.ts';

/** The scores at which the face API cuts (docs/contract.md §3.2): a scale that comes to them goes on beyond them. */
const [scoreLeast, scoreMost] = [0, 100];
/** Only faces this much alike can be of one photograph: one pair of strangers in a hundred thousand is. */
const copyMin = 90;

/** How long embeddings are, and what their likeness means: as a pack has it if it brings a recogniser, or built in. */
export function measureOf(
  pack: Pick<Manifest, 'recogniser' | 'score'> | undefined,
): ScoreScale & Pick<EmbeddingModel, 'dimension'> {
  const { recogniser, score: own } = pack ?? {};
  const isOwn = recogniser !== undefined && own !== undefined;
  const [dimension, knots] = isOwn ? [recogniser.dimension, own.knots] : [embeddingLength, scale.knots];
  const scoreOf = (cosine: number): number => scoreBetween(knots, cosine);
  return {
    dimension,
    scoreOf,
    compare: (a, b) => {
      const score = scoreOf(dot(a, b));
      return { score, mayBeCopy: score >= copyMin };
    },
  };
}

/** A cosine and its score; between knots the scale is straight. */
export interface Knot {
  readonly cosine: number;
  readonly score: number;
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
