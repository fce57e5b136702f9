/** Adds, reads and deletes the faces of a person. */
import { Refusal, type RefusalName } from '../errors/refusals.ts';
import { type Desk, enrol, type PictureSource } from './desk.ts';
import type { Eyes } from './eyes.ts';
import { unknownPerson } from './persons.ts';
import type { Face, FaceEmbedding, Limits, NewFace, Store } from './stores.ts';

/** From this similarity on two faces are almost the same picture (docs/contract.md §3.1, addface). */
export const sameFaceSimilarity = 99;

/** Refusals of one picture that end the whole call: the same picture may be taken a moment later. */
const endsCall: ReadonlySet<RefusalName> = new Set(['tooManyRequests', 'internal']);

/** Faces to add to a person. */
export interface Addition {
  readonly personId: string;
  readonly tag: string;
  readonly pictures: readonly PictureSource[];
}

/** What came of one picture. */
export type Added =
  | { readonly faceId: string }
  /** `faceId` is the face that is already there (`sameFace`), or empty. */
  | { readonly refusal: RefusalName; readonly faceId: string };

/**
 * Adds the largest face of each picture to a person; the answer's order is that of the pictures.
 * @throws Refusal `tooManyFaces` for more pictures than a person may have faces, `personUnknown`, `tooManyRequests`.
 */
export async function addFaces(desk: Desk, { personId, tag, pictures }: Addition): Promise<readonly Added[]> {
  if (pictures.length > desk.limits.facesPerPersonMax) throw new Refusal('tooManyFaces');
  if ((await desk.store.findPerson(personId)) === undefined) throw unknownPerson(personId);
  const seen = await Promise.all(pictures.map((picture) => tryFace(desk, picture, personId, tag)));
  return desk.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const known = [...(await store.embeddingsOf(personId, desk.eyes.model))];
    const added: Added[] = [];
    for (const face of seen) {
      added.push('refusal' in face ? face : await keep(store, desk.eyes, desk.limits, face, known));
    }
    return added;
  });
}

/**
 * Reads a face.
 * @throws Refusal `faceUnknown`.
 */
export async function lookUpFace(desk: Desk, faceId: string): Promise<Face> {
  const face = await desk.store.findFace(faceId);
  if (face === undefined) throw new Refusal('faceUnknown', faceId);
  return face;
}

/**
 * The ids of a person's faces.
 * @throws Refusal `personUnknown`.
 */
export async function listFaces(desk: Desk, personId: string): Promise<readonly string[]> {
  return desk.store.read(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    return store.facesOf(personId);
  });
}

/**
 * Erases those of the faces that belong to the person, each with its embedding and crop.
 * @returns the ids that were erased, in the order asked for.
 * @throws Refusal `personUnknown`; `faceUnknown` if none of the faces is the person's.
 */
export async function eraseFaces(desk: Desk, personId: string, faceIds: readonly string[]): Promise<readonly string[]> {
  return desk.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const theirs = new Set(await store.facesOf(personId));
    const asked = [...new Set(faceIds)].filter((id) => theirs.has(id));
    if (asked.length === 0) throw new Refusal('faceUnknown');
    await store.deleteFaces(personId, asked);
    return asked;
  });
}

async function tryFace(
  desk: Desk,
  picture: PictureSource,
  personId: string,
  tag: string,
): Promise<NewFace | { refusal: RefusalName; faceId: '' }> {
  try {
    return await enrol(desk, picture, personId, tag);
  } catch (error) {
    if (error instanceof Refusal && !endsCall.has(error.refusal)) return { refusal: error.refusal, faceId: '' };
    throw error;
  }
}

/** Writes the face unless the person has it already; a face that is written joins `known`. */
async function keep(store: Store, eyes: Eyes, limits: Limits, face: NewFace, known: FaceEmbedding[]): Promise<Added> {
  const twin = known.find((other) => eyes.similarity(face.embedding, other.embedding) >= sameFaceSimilarity);
  if (twin !== undefined) return { refusal: 'sameFace', faceId: twin.faceId };
  if (!(await store.insertFace(face, limits))) return { refusal: 'tooManyFaces', faceId: '' };
  known.push({ faceId: face.id, embedding: face.embedding });
  return { faceId: face.id };
}
