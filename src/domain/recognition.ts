/** Detects, compares, verifies and identifies faces; nothing is kept. */
import { Refusal } from '../errors/refusals.ts';
import { type Desk, largestFace, look, type PictureSource } from './desk.ts';
import type { Box, Eyes, FaceShape, Sight } from './eyes.ts';
import { sameFaceSimilarity } from './faces.ts';
import type { Resemblance } from './gallery.ts';
import { unknownPerson } from './persons.ts';

/** How many faces of a picture are described, largest first (docs/contract.md §3.2, detect). */
export const describedMax = 5;
/** From this confidence on verify says that it is the person (docs/contract.md §3.2). */
export const matchConfidence = 75;

/** How many persons a face is told to resemble (docs/contract.md §3.2, identify). */
export const candidatesMax = 5;
/** How many faces of a picture are identified, largest first. */
export const identifiedMax = 50;

/** Which faces of a picture are meant. */
export type Mode = 'all' | 'largest';

/** What came of verifying a person. */
export interface Verified {
  /** 0 to 100, with two decimals. */
  readonly confidence: number;
  /** Whether that confidence, as it is told, is {@link matchConfidence} or more. */
  readonly isMatch: boolean;
}

/** What came of comparing two pictures: a similarity from 0 to 100, or which of the two is at fault. */
export type Compared = { readonly similarity: number } | { readonly refusal: Refusal; readonly at: 1 | 2 };

/**
 * Finds the faces of a picture and describes the five largest.
 * @throws Refusal `noFace`, and what the picture refuses with.
 */
export function findFaces(desk: Desk, picture: PictureSource, mode: Mode): Promise<Sight<'attributes'>> {
  return look(desk, picture, mode === 'largest' ? 1 : describedMax, ['attributes']);
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
export async function traceFaces(desk: Desk, picture: PictureSource, mode: Mode): Promise<Shapes> {
  const { width, height, faces } = await look(desk, picture, mode === 'largest' ? 1 : describedMax, ['shape']);
  return { width, height, shapes: faces.map((face) => face.shape) };
}

/** Tells how alike the largest faces of two pictures are. */
export async function compare(desk: Desk, first: PictureSource, second: PictureSource): Promise<Compared> {
  const sides = await Promise.allSettled([first, second].map((picture) => largestFace(desk, picture, ['embedding'])));
  const [a, b] = sides.map((side, i) => {
    if (side.status === 'fulfilled') return { embedding: side.value.embedding };
    if (side.reason instanceof Refusal) return { refusal: side.reason, at: (i + 1) as 1 | 2 };
    throw side.reason;
  }) as [Side, Side];
  if ('refusal' in a) return a;
  if ('refusal' in b) return b;
  return { similarity: desk.eyes.similarity(a.embedding, b.embedding) };
}

type Side = { readonly embedding: Float32Array } | { readonly refusal: Refusal; readonly at: 1 | 2 };

/**
 * Tells whether the largest face of a picture is a person's.
 * @throws Refusal `personUnknown`, `noFace`, and what the picture refuses with; `faceUnknown` if the person has no face
 *   that the eyes' model made.
 */
export async function verify(desk: Desk, personId: string, picture: PictureSource): Promise<Verified> {
  if ((await desk.store.findPerson(personId)) === undefined) throw unknownPerson(personId);
  const { embedding } = await largestFace(desk, picture, ['embedding']);
  const known = await desk.store.read(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    return store.embeddingsOf(personId, desk.eyes.model);
  });
  if (known.length === 0) throw new Refusal('faceUnknown', personId);
  const faces = known.map((face) => face.embedding);
  const confidence = Math.round(100 * likeness(desk.eyes, embedding, faces)) / 100;
  return { confidence, isMatch: confidence >= matchConfidence };
}

/** Half of all pairs of strangers reach this score, and usual pairs of one person's pictures about that one. */
const [strangersScore, ownScore] = [25, 93];

/**
 * How alike a face is to all the faces of a person, from 0 to 100 on the scale of two single faces: the score of its
 * cosine with their mean, which is nearer to the person than any of them, less what a stranger gains by there being a
 * mean (docs/identify.md has the figures). Who is almost one of the faces is as alike as to that one.
 * @param faces one or more.
 */
export function likeness(
  eyes: Pick<Eyes, 'similarity' | 'score'>,
  probe: Float32Array,
  faces: readonly Float32Array[],
): number {
  const nearest = Math.max(...faces.map((face) => eyes.similarity(probe, face)));
  if (nearest >= sameFaceSimilarity) return nearest;
  const mean = new Float32Array(probe.length);
  for (const face of faces) for (let i = 0; i < mean.length; i += 1) mean[i]! += face[i]!;
  const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return nearest;
  const toMean = mean.reduce((sum, value, i) => sum + (value / length) * probe[i]!, 0);
  return eyes.score(toMean - strangersGain(eyes, faces.length));
}

/**
 * How much more a usual stranger resembles the mean of several pictures than each of them: the mean of n unit vectors
 * with cosine r between any two has length √((1 + (n − 1) r) / n), and is scaled up to 1.
 */
function strangersGain(eyes: Pick<Eyes, 'score'>, pictures: number): number {
  if (pictures === 1) return 0;
  const [strangers, own] = [cosineAt(eyes, strangersScore), cosineAt(eyes, ownScore)];
  return strangers * (Math.sqrt(pictures / (1 + (pictures - 1) * own)) - 1);
}

/** The cosine that has a score: the scale rises, so halving finds it. */
function cosineAt(eyes: Pick<Eyes, 'score'>, score: number): number {
  let [low, high] = [-1, 1];
  for (let i = 0; i < 30; i += 1) {
    const middle = (low + high) / 2;
    if (eyes.score(middle) < score) low = middle;
    else high = middle;
  }
  return high;
}

/** A person who may be the one in the picture. */
export interface Candidate {
  readonly personId: string;
  /** The person's face that is most like the one in the picture. */
  readonly faceId: string;
  /** 0 to 100. */
  readonly confidence: number;
  /** The face's; empty if never set. */
  readonly tag: string;
}

/** A face of a picture, and whom it resembles. */
export interface Identified {
  readonly box: Box;
  /** Best first, each person once; whoever they resemble least, too: no threshold is applied. */
  readonly candidates: readonly Candidate[];
}

/**
 * Tells whom of some groups the faces of a picture resemble, largest face first.
 * @param groupIds searched together; those that have ended are passed over.
 * @throws Refusal `groupUnknown` if there is none of the groups, `tooManyGroups` for more than an appid may have,
 *   `noFace`, and what the picture refuses with.
 */
export async function identify(
  desk: Desk,
  picture: PictureSource,
  groupIds: readonly string[],
  mode: Mode,
): Promise<readonly Identified[]> {
  const asked = [...new Set(groupIds)];
  if (asked.length > desk.limits.groupsMax) throw new Refusal('tooManyGroups');
  if (!(await desk.store.hasAnyGroup(asked))) throw new Refusal('groupUnknown', asked.length === 1 ? asked[0] : '');
  const { faces } = await look(desk, picture, mode === 'largest' ? 1 : identifiedMax, ['embedding']);
  const lists = await desk.gallery.nearest({
    probes: faces.map((face) => face.embedding),
    groupIds: asked,
    count: candidatesMax,
    signal: desk.signal,
  });
  const candidates = await introduce(
    desk,
    lists.map((found, i) => ({ probe: faces[i]!.embedding, found })),
  );
  return faces.map(({ box }, i) => ({ box, candidates: candidates[i]! }));
}

/** A face of a picture, and whom the search found for it. */
interface Find {
  readonly probe: Float32Array;
  readonly found: readonly Resemblance[];
}

/**
 * Those whom the search found, as they are kept; who was erased in between is left out. The search knows the cosine
 * alone; the score is that of compare and verify, which tells a copy of the picture, too. Candidates of one score
 * stay in the order of the search.
 */
async function introduce({ store, eyes }: Desk, finds: readonly Find[]): Promise<readonly (readonly Candidate[])[]> {
  const faceIds = [...new Set(finds.flatMap(({ found }) => found.map(({ faceId }) => faceId)))];
  const [faces, embeddings] = await store.read(async (store) => [
    new Map((await store.findFaces(faceIds)).map((face) => [face.id, face])),
    new Map((await store.findEmbeddings(faceIds, eyes.model)).map(({ faceId, embedding }) => [faceId, embedding])),
  ]);
  return finds.map(({ probe, found }) => {
    const candidates = found.flatMap(({ personId, faceId }) => {
      const [face, embedding] = [faces.get(faceId), embeddings.get(faceId)];
      if (face?.personId !== personId || embedding === undefined) return [];
      return { personId, faceId, confidence: eyes.similarity(probe, embedding), tag: face.tag };
    });
    return candidates.sort((a, b) => b.confidence - a.confidence);
  });
}
