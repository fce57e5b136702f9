/** Detects, compares, verifies and identifies faces; nothing is stored. */
import { Refusal } from '../errors/refusals.ts';
import { analyzeLargestFace, fetchAndAnalyze, type PictureSource, type RequestContext } from './context.ts';
import type { Analysis, Box, FaceShape, Likeness } from './face-analyzer.ts';
import type { Match } from './gallery.ts';
import { likenessesTo, likenessOf, likenessToPerson, type ProbeFace } from './likeness.ts';
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
 * Finds the faces of a picture, those of 12 to 20 pixels too unless only the largest is meant, and describes the five
 * largest.
 * @throws Refusal `noFace`, and what the picture refuses with.
 */
export function detectFaces(
  context: RequestContext,
  picture: PictureSource,
  mode: Mode,
): Promise<Analysis<'attributes'>> {
  const parts = ['attributes'] as const;
  return fetchAndAnalyze(
    context,
    picture,
    mode === 'largest' ? { facesMax: 1, parts } : { facesMax: detailedFacesMax, parts, tinyFaces: true },
  );
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
  const facesMax = mode === 'largest' ? 1 : detailedFacesMax;
  const { width, height, faces } = await fetchAndAnalyze(context, picture, { facesMax, parts: ['shape'] });
  return { width, height, shapes: faces.map((face) => face.shape) };
}

/** Tells how alike the largest faces of two pictures are. */
export async function compare(
  context: RequestContext,
  first: PictureSource,
  second: PictureSource,
): Promise<Comparison> {
  const sides = await Promise.allSettled(
    [first, second].map((picture) => analyzeLargestFace(context, picture, ['embedding', 'crop'])),
  );
  const [a, b] = sides.map((side, i) => {
    if (side.status === 'fulfilled') return side.value;
    if (side.reason instanceof Refusal) return { refusal: side.reason, at: (i + 1) as 1 | 2 };
    throw side.reason;
  }) as [Side, Side];
  if ('refusal' in a) return a;
  if ('refusal' in b) return b;
  return likenessOf(context, a, b);
}

type Side = ProbeFace | { readonly refusal: Refusal; readonly at: 1 | 2 };

/** How alike a face is to a person. */
export interface Verification extends Likeness {
  /** The person's face that is most like it. */
  readonly faceId: string;
}

/**
 * Tells how alike the largest face of a picture is to all the faces of a person.
 * @throws Refusal `personUnknown`, `noFace`, and what the picture refuses with; `faceUnknown` if the person has no face
 *   of the analyzer's model.
 */
export async function verify(context: RequestContext, personId: string, picture: PictureSource): Promise<Verification> {
  if ((await context.store.findPerson(personId)) === undefined) throw unknownPerson(personId);
  const probe = await analyzeLargestFace(context, picture, ['embedding', 'crop']);
  const known = await context.store.read(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    return store.embeddingsOf(personId, context.analyzer.model);
  });
  if (known.length === 0) throw new Refusal('faceUnknown', personId);
  const each = await likenessesTo(context, probe, known);
  const faces = known.map(({ embedding }) => embedding);
  const nearest = known.reduce((best, _, i) => (each[i]!.score > each[best]!.score ? i : best), 0);
  return { ...likenessToPerson(context.analyzer, probe.embedding, faces, each), faceId: known[nearest]!.faceId };
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
  const facesMax = mode === 'largest' ? 1 : identifiedFacesMax;
  const { faces } = await fetchAndAnalyze(context, picture, { facesMax, parts: ['embedding', 'crop'] });
  const lists = await context.gallery.nearest({
    probes: faces.map((face) => face.embedding),
    groupIds: asked,
    count: candidatesMax,
    signal: context.signal,
  });
  const candidates = await resolveMatches(
    context,
    lists.map((found, i) => ({ probe: faces[i]!, found })),
  );
  return faces.map(({ box }, i) => ({ box, candidates: candidates[i]! }));
}

/** A face of a picture, and whom the search found for it. */
interface FaceMatches {
  readonly probe: ProbeFace;
  readonly found: readonly Match[];
}

/**
 * The candidates that the search found, in its order, as they are stored; those erased in between are left out. The
 * search knows nothing of scores and of copies, so the embeddings are read and compared.
 */
async function resolveMatches(
  context: RequestContext,
  finds: readonly FaceMatches[],
): Promise<readonly (readonly Candidate[])[]> {
  const faceIds = [...new Set(finds.flatMap(({ found }) => found.map(({ faceId }) => faceId)))];
  const [faces, embeddings] = await context.store.read(async (store) => [
    new Map((await store.findFaces(faceIds)).map((face) => [face.id, face])),
    new Map((await store.findEmbeddings(faceIds, context.analyzer.model)).map((face) => [face.faceId, face])),
  ]);
  return Promise.all(
    finds.map(async ({ probe, found }) => {
      const kept = found.flatMap(({ personId, faceId }) => {
        const [face, embedding] = [faces.get(faceId), embeddings.get(faceId)];
        return face?.personId !== personId || embedding === undefined ? [] : { face, embedding };
      });
      const likenesses = await likenessesTo(
        context,
        probe,
        kept.map(({ embedding }) => embedding),
      );
      return kept.map(({ face }, i) => ({
        personId: face.personId,
        faceId: face.id,
        likeness: likenesses[i]!,
        tag: face.tag,
      }));
    }),
  );
}
