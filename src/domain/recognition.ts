/** Knows what it means to find, compare and verify faces that nobody registers. */
import { Refusal } from '../errors/refusals.ts';
import { type Desk, largestFace, look, type PictureSource } from './desk.ts';
import type { Eyes, FaceShape, Sight } from './eyes.ts';
import { unknownPerson } from './persons.ts';

/** How many faces of a picture are described, largest first (contract §3.2, detect). */
export const describedMax = 5;
/** From this confidence on verify says that it is the person (contract §3.2). */
export const matchConfidence = 75;

/** Which faces of a picture are meant. */
export type Mode = 'all' | 'largest';

/** What came of verifying a person. */
export interface Verified {
  /** 0 to 100. */
  readonly confidence: number;
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
  const confidence = likeness(
    desk.eyes,
    embedding,
    known.map((face) => face.embedding),
  );
  return { confidence, isMatch: confidence >= matchConfidence };
}

/**
 * How alike a face is to all the faces of a person, from 0 to 100: the better of its likeness to their mean and, where
 * it is almost one of them, to that one. The mean of several photographs is nearer to the person than any of them.
 */
export function likeness(
  eyes: Pick<Eyes, 'similarity' | 'score'>,
  probe: Float32Array,
  faces: readonly Float32Array[],
): number {
  const mean = new Float32Array(probe.length);
  for (const face of faces) for (let i = 0; i < mean.length; i += 1) mean[i]! += face[i]!;
  const length = Math.hypot(...mean);
  const toMean = length === 0 ? 0 : eyes.score(mean.reduce((sum, value, i) => sum + (value / length) * probe[i]!, 0));
  return Math.max(toMean, ...faces.map((face) => eyes.similarity(probe, face)));
}
