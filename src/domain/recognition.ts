/** Detects, compares, verifies and identifies faces; nothing is stored. */
import { Refusal } from '../errors/refusals.ts';
import { analyzeLargestFace, fetchAndAnalyze, type PictureSource, type RequestContext } from './context.ts';
import type { Analysis, Box, FaceShape, Likeness, ScoreScale } from './face-analyzer.ts';
import type { Match } from './gallery.ts';
import { unknownPerson } from './persons.ts';

/** How many faces of a picture are described, largest first (docs/contract.md §3.2, detect). */
export const detailedFacesMax = 5;

/** How many candidates a face has at most (docs/contract.md §3.2, identify). */
export const candidatesMax = 5;
/** How many faces of a picture are identified, largest first. */
export const identifiedFacesMax = 50;

/** Which faces of a picture are meant. */
export type Mode = 'all' | 'largest';

/** What came of comparing two pictures: how alike their faces are, or which of the two is at fault. */
export type Comparison = Likeness | { readonly refusal: Refusal; readonly at: 1 | 2 };

/**
 * Finds the faces of a picture and describes the five largest.
 * @throws Refusal `noFace`, and what the picture refuses with.
 */
export function detectFaces(
  context: RequestContext,
  picture: PictureSource,
  mode: Mode,
): Promise<Analysis<'attributes'>> {
  return fetchAndAnalyze(context, picture, mode === 'largest' ? 1 : detailedFacesMax, ['attributes']);
}

/** The contours of the faces of a picture, and the picture's size. */
export interface Shapes {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly FaceShape[];
}

/**
 * Traces the contours of the faces of a picture, of five at most.
 * @throws Refusal `noFace`, and what the picture refuses with.
 */
export async function traceShapes(context: RequestContext, picture: PictureSource, mode: Mode): Promise<Shapes> {
  const { width, height, faces } = await fetchAndAnalyze(context, picture, mode === 'largest' ? 1 : detailedFacesMax, [
    'shape',
  ]);
  return { width, height, shapes: faces.map((face) => face.shape) };
}

/** Tells how alike the largest faces of two pictures are. */
export async function compare(
  context: RequestContext,
  first: PictureSource,
  second: PictureSource,
): Promise<Comparison> {
  const sides = await Promise.allSettled(
    [first, second].map((picture) => analyzeLargestFace(context, picture, ['embedding'])),
  );
  const [a, b] = sides.map((side, i) => {
    if (side.status === 'fulfilled') return { embedding: side.value.embedding };
    if (side.reason instanceof Refusal) return { refusal: side.reason, at: (i + 1) as 1 | 2 };
    throw side.reason;
  }) as [Side, Side];
  if ('refusal' in a) return a;
  if ('refusal' in b) return b;
  return context.analyzer.compare(a.embedding, b.embedding);
}

type Side = { readonly embedding: Float32Array } | { readonly refusal: Refusal; readonly at: 1 | 2 };

/**
 * Tells how alike the largest face of a picture is to all the faces of a person.
 * @throws Refusal `personUnknown`, `noFace`, and what the picture refuses with; `faceUnknown` if the person has no face
 *   of the analyzer's model.
 */
export async function verify(context: RequestContext, personId: string, picture: PictureSource): Promise<Likeness> {
  if ((await context.store.findPerson(personId)) === undefined) throw unknownPerson(personId);
  const { embedding } = await analyzeLargestFace(context, picture, ['embedding']);
  const known = await context.store.read(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    return store.embeddingsOf(personId, context.analyzer.model);
  });
  if (known.length === 0) throw new Refusal('faceUnknown', personId);
  return compareWithPerson(
    context.analyzer,
    embedding,
    known.map((face) => face.embedding),
  );
}

/** Half of all pairs of strangers reach this score, and usual pairs of one person's pictures about that one. */
const [strangersScore, ownScore] = [25, 93];

/**
 * How alike a face is to all the faces of a person, on the scale of two single faces: the score of its cosine with their
 * mean, which is nearer to the person than any of them, less what a stranger gains by there being a mean
 * (docs/identify.md has the figures). A copy of the picture of one of the faces is as alike as to the nearest.
 * @param faces one or more.
 */
export function compareWithPerson(analyzer: ScoreScale, probe: Float32Array, faces: readonly Float32Array[]): Likeness {
  const each = faces.map((face) => analyzer.compare(probe, face));
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
function cosineAt(analyzer: Pick<ScoreScale, 'scoreOf'>, score: number): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 30; i += 1) {
    const middle = (low + high) / 2;
    if (analyzer.scoreOf(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}

/** A person who may be the one in the picture. */
export interface Candidate {
  readonly personId: string;
  /** The person's face that is most like the one in the picture. */
  readonly faceId: string;
  /** How alike that face and the one in the picture are. */
  readonly likeness: Likeness;
  /** The face's; empty if never set. */
  readonly tag: string;
}

/** A face of a picture, and whom it resembles. */
export interface IdentifiedFace {
  readonly box: Box;
  /** Highest score first, each person once; no threshold is applied. */
  readonly candidates: readonly Candidate[];
}

/**
 * Tells whom of some groups the faces of a picture resemble, largest face first.
 * @param groupIds searched together; those that no longer exist are ignored.
 * @throws Refusal `groupUnknown` if there is none of the groups, `tooManyGroups` for more than an appid may have,
 *   `noFace`, and what the picture refuses with.
 */
export async function identify(
  context: RequestContext,
  picture: PictureSource,
  groupIds: readonly string[],
  mode: Mode,
): Promise<readonly IdentifiedFace[]> {
  const asked = [...new Set(groupIds)];
  if (asked.length > context.limits.groupsMax) throw new Refusal('tooManyGroups');
  if (!(await context.store.hasAnyGroup(asked))) throw new Refusal('groupUnknown', asked.length === 1 ? asked[0] : '');
  const { faces } = await fetchAndAnalyze(context, picture, mode === 'largest' ? 1 : identifiedFacesMax, ['embedding']);
  const lists = await context.gallery.nearest({
    probes: faces.map((face) => face.embedding),
    groupIds: asked,
    count: candidatesMax,
    signal: context.signal,
  });
  const candidates = await resolveMatches(
    context,
    lists.map((found, i) => ({ probe: faces[i]!.embedding, found })),
  );
  return faces.map(({ box }, i) => ({ box, candidates: candidates[i]! }));
}

/** A face of a picture, and whom the search found for it. */
interface FaceMatches {
  readonly probe: Float32Array;
  readonly found: readonly Match[];
}

/**
 * The candidates that the search found, in its order, as they are stored; those erased in between are left out. The
 * search knows nothing of scores and of copies, so the embeddings are read and compared.
 */
async function resolveMatches(
  { store, analyzer }: RequestContext,
  finds: readonly FaceMatches[],
): Promise<readonly (readonly Candidate[])[]> {
  const faceIds = [...new Set(finds.flatMap(({ found }) => found.map(({ faceId }) => faceId)))];
  const [faces, embeddings] = await store.read(async (store) => [
    new Map((await store.findFaces(faceIds)).map((face) => [face.id, face])),
    new Map((await store.findEmbeddings(faceIds, analyzer.model)).map(({ faceId, embedding }) => [faceId, embedding])),
  ]);
  return finds.map(({ probe, found }) => {
    return found.flatMap(({ personId, faceId }) => {
      const [face, embedding] = [faces.get(faceId), embeddings.get(faceId)];
      if (face?.personId !== personId || embedding === undefined) return [];
      return { personId, faceId, likeness: analyzer.compare(probe, embedding), tag: face.tag };
    });
  });
}
