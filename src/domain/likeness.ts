/** How alike faces are: by their embeddings, and by their crops where these may be of one photograph. */
import type { RequestContext } from './context.ts';
import type { FaceParts, Likeness, ScoreScale } from './face-analyzer.ts';
import type { FaceEmbedding } from './stores.ts';

/** A face that others are compared with. */
export type ProbeFace = Pick<FaceParts, 'embedding' | 'crop'>;

/** How alike two faces are. */
export async function likenessOf(
  { analyzer, signal }: Pick<RequestContext, 'analyzer' | 'signal'>,
  a: ProbeFace,
  b: ProbeFace,
): Promise<Likeness> {
  const { score, mayBeCopy } = analyzer.compare(a.embedding, b.embedding);
  if (!mayBeCopy) return { score, samePicture: false };
  const [samePicture = false] = await analyzer.areCopies(a.crop, [b.crop], { signal });
  return { score, samePicture };
}

/** How alike a face is to each of some faces that are stored; one that is erased meanwhile is nobody's copy. */
export async function likenessesTo(
  { analyzer, store, signal }: Pick<RequestContext, 'analyzer' | 'store' | 'signal'>,
  probe: ProbeFace,
  faces: readonly FaceEmbedding[],
): Promise<readonly Likeness[]> {
  const each = faces.map(({ faceId, embedding }) => ({ faceId, ...analyzer.compare(probe.embedding, embedding) }));
  const asked = each.filter(({ mayBeCopy }) => mayBeCopy).map(({ faceId }) => faceId);
  const crops = asked.length === 0 ? [] : await store.findCrops(asked);
  const found =
    crops.length === 0
      ? []
      : await analyzer.areCopies(
          probe.crop,
          crops.map(({ crop }) => crop),
          { signal },
        );
  const copies = new Set(crops.filter((_, i) => found[i]).map(({ faceId }) => faceId));
  return each.map(({ faceId, score }) => ({ score, samePicture: copies.has(faceId) }));
}

/** Half of all pairs of strangers reach this score, and usual pairs of one person's pictures about that one. */
const [strangersScore, ownScore] = [25, 93];

/**
 * How alike a face is to all the faces of a person, on the scale of two single faces: the score of its cosine with their
 * mean, which is nearer to the person than any of them, less what a stranger gains by there being a mean
 * (docs/identify.md has the figures). A copy of the picture of one of the faces is as alike as to the nearest.
 * @param faces one or more.
 * @param each how alike the probe is to each of the faces.
 */
export function likenessToPerson(
  analyzer: Pick<ScoreScale, 'scoreOf'>,
  probe: Float32Array,
  faces: readonly Float32Array[],
  each: readonly Likeness[],
): Likeness {
  const samePicture = each.some((likeness) => likeness.samePicture);
  const nearest = Math.max(...each.map(({ score }) => score));
  if (samePicture) return { score: nearest, samePicture };
  const mean = new Float32Array(probe.length);
  for (const face of faces) for (let i = 0; i < mean.length; i += 1) mean[i]! += face[i]!;
  const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return { score: nearest, samePicture };
  const toMean = mean.reduce((sum, value, i) => sum + (value / length) * probe[i]!, 0);
  return { score: analyzer.scoreOf(toMean - strangerGain(analyzer, faces.length)), samePicture };
}

/**
 * How much more a usual stranger resembles the mean of several pictures than each of them: the mean of n unit vectors
 * with cosine r between any two has length √((1 + (n − 1) r) / n), and is scaled up to 1.
 */
function strangerGain(analyzer: Pick<ScoreScale, 'scoreOf'>, pictures: number): number {
  if (pictures === 1) return 0;
  const [strangers, own] = [cosineAt(analyzer, strangersScore), cosineAt(analyzer, ownScore)];
  return strangers * (Math.sqrt(pictures / (1 + (pictures - 1) * own)) - 1);
}

/** The cosine that has a score: the scale rises, so halving finds it. */
export function cosineAt(analyzer: Pick<ScoreScale, 'scoreOf'>, score: number): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 30; i += 1) {
    const middle = (low + high) / 2;
    if (analyzer.scoreOf(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}
