/** Adds, reads and deletes the faces of a person. */
import { Refusal, type RefusalName } from '../errors/refusals.ts';
import { type PictureSource, prepareFace, type RequestContext } from './context.ts';
import type { FaceAnalyzer } from './face-analyzer.ts';
import { unknownPerson } from './persons.ts';
import type { Face, FaceEmbedding, Limits, NewFace, Store } from './stores.ts';

/** From this similarity on two faces are almost the same picture (docs/contract.md §3.1, addface). */
export const samePictureScore = 99;

/** Refusals of one picture that end the whole call: the same picture may be taken a moment later. */
const endsCall: ReadonlySet<RefusalName> = new Set(['tooManyRequests', 'internal']);

/** Faces to add to a person. */
export interface NewPictures {
  readonly personId: string;
  readonly tag: string;
  readonly pictures: readonly PictureSource[];
}

/** What came of one picture. */
export type AddedFace =
  | { readonly faceId: string }
  /** `faceId` is the face that is already there (`sameFace`), or empty. */
  | { readonly refusal: RefusalName; readonly faceId: string };

/**
 * Adds the largest face of each picture to a person; the answer's order is that of the pictures.
 * @throws Refusal `tooManyFaces` for more pictures than a person may have faces, `personUnknown`, `tooManyRequests`.
 */
export async function addFaces(
  context: RequestContext,
  { personId, tag, pictures }: NewPictures,
): Promise<readonly AddedFace[]> {
  if (pictures.length > context.limits.facesPerPersonMax) throw new Refusal('tooManyFaces');
  if ((await context.store.findPerson(personId)) === undefined) throw unknownPerson(personId);
  const seen = await Promise.all(pictures.map((picture) => prepareOrRefuse(context, picture, personId, tag)));
  return context.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const known = [...(await store.embeddingsOf(personId, context.analyzer.model))];
    const added: AddedFace[] = [];
    for (const face of seen) {
      added.push(
        'refusal' in face ? face : await insertUnlessSame(store, context.analyzer, context.limits, face, known),
      );
    }
    return added;
  });
}

/**
 * Reads a face.
 * @throws Refusal `faceUnknown`.
 */
export async function getFace(context: RequestContext, faceId: string): Promise<Face> {
  const face = await context.store.findFace(faceId);
  if (face === undefined) throw new Refusal('faceUnknown', faceId);
  return face;
}

/**
 * The ids of a person's faces.
 * @throws Refusal `personUnknown`.
 */
export async function listFaces(context: RequestContext, personId: string): Promise<readonly string[]> {
  return context.store.read(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    return store.facesOf(personId);
  });
}

/**
 * Erases those of the faces that belong to the person, each with its embedding and crop.
 * @returns the ids that were erased, in the order asked for.
 * @throws Refusal `personUnknown`; `faceUnknown` if none of the faces is the person's.
 */
export async function deleteFaces(
  context: RequestContext,
  personId: string,
  faceIds: readonly string[],
): Promise<readonly string[]> {
  return context.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const theirs = new Set(await store.facesOf(personId));
    const asked = [...new Set(faceIds)].filter((id) => theirs.has(id));
    if (asked.length === 0) throw new Refusal('faceUnknown');
    await store.deleteFaces(personId, asked);
    return asked;
  });
}

async function prepareOrRefuse(
  context: RequestContext,
  picture: PictureSource,
  personId: string,
  tag: string,
): Promise<NewFace | { refusal: RefusalName; faceId: '' }> {
  try {
    return await prepareFace(context, picture, personId, tag);
  } catch (error) {
    if (error instanceof Refusal && !endsCall.has(error.refusal)) return { refusal: error.refusal, faceId: '' };
    throw error;
  }
}

/** Writes the face unless the person has it already; a face that is written joins `known`. */
async function insertUnlessSame(
  store: Store,
  analyzer: FaceAnalyzer,
  limits: Limits,
  face: NewFace,
  known: FaceEmbedding[],
): Promise<AddedFace> {
  const twin = known.find((other) => analyzer.compare(face.embedding, other.embedding) >= samePictureScore);
  if (twin !== undefined) return { refusal: 'sameFace', faceId: twin.faceId };
  if (!(await store.insertFace(face, limits))) return { refusal: 'tooManyFaces', faceId: '' };
  known.push({ faceId: face.id, embedding: face.embedding });
  return { faceId: face.id };
}
