/** Adds, reads and deletes the faces of a person. */
import { Refusal, type RefusalName } from '../errors/refusals.ts';
import type { PictureSource, RequestContext } from './context.ts';
import { CopyDecisions } from './copies.ts';
import { EnrolmentRefusal, type PreparedFace, prepareFace, tellingQualities, withEveryModel } from './enrolment.ts';
import type { Quality } from './face-analyzer.ts';
import { unknownPerson } from './persons.ts';
import { resemblances } from './resembling.ts';
import type { Face, FaceEmbedding, IdList, Limits, Store } from './stores.ts';

/** Refusals of one picture that end the whole call: the same picture may be accepted a moment later. */
const endsCall: ReadonlySet<RefusalName> = new Set(['tooManyRequests', 'internal']);

/** Faces to add to a person. */
export interface NewPictures {
  readonly personId: string;
  readonly tag: string;
  readonly pictures: readonly PictureSource[];
}

/** What came of one picture; a picture whose face was not analysed has no quality. */
export type AddedFace =
  | { readonly faceId: string; readonly quality: Quality }
  /** `faceId` is the face that is already there (`sameFace`), or empty. */
  | { readonly refusal: RefusalName; readonly faceId: string; readonly quality: Quality | undefined };

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
  await context.store.refuseIfFull({ faces: 1 }, context.limits);
  const prepared = await Promise.all(pictures.map((picture) => prepareOrRefuse(context, picture, personId, tag)));
  const qualities = prepared.map(({ quality }) => quality);
  return tellingQualities(qualities, async () => {
    const wanted = await refuseResembling(context, prepared);
    const faces = wanted.flatMap((one) => ('refusal' in one ? [] : one.face));
    return withEveryModel(context, faces, (whole) => {
      const byId = new Map(whole.map((face) => [face.id, face]));
      const ready = wanted.map((one) => ('refusal' in one ? one : { ...one, face: byId.get(one.face.id)! }));
      return insertOnceDecided(context, personId, ready);
    });
  });
}

/** Tells which of the faces resemble another person, and refuses those if the appid wants that. */
async function refuseResembling(
  context: RequestContext,
  prepared: readonly PreparedOrRefused[],
): Promise<readonly PreparedOrRefused[]> {
  const faces = prepared.flatMap((one) => ('refusal' in one ? [] : one.face));
  const likenesses = new Map((await resemblances(context, faces)).map((likeness, i) => [faces[i], likeness]));
  const each = prepared.map((one) => ('refusal' in one ? undefined : likenesses.get(one.face)));
  context.onResembling(each);
  if (context.resembling?.isRefused !== true) return prepared;
  return prepared.map((one, i) =>
    each[i] === undefined ? one : { refusal: 'resemblesOther', faceId: '', quality: one.quality },
  );
}

/**
 * Stores those of the faces that are no copies. Crops are compared before the transaction, in which nobody may wait; if the
 * person gets another face in between, which may be of one of the pictures, they are compared again.
 */
async function insertOnceDecided(
  context: RequestContext,
  personId: string,
  prepared: readonly PreparedOrRefused[],
): Promise<readonly AddedFace[]> {
  const { model } = context.analyzer;
  const copies = new CopyDecisions(
    context,
    prepared.flatMap((one) => ('refusal' in one ? [] : one.face)),
  );
  // Each further attempt means that the person has got a face, of which there cannot be more.
  for (let attempt = 0; attempt <= context.limits.facesPerPersonMax; attempt++) {
    await copies.decide(await context.store.embeddingsOf(personId, model));
    const added = await context.store.write(async (store) => {
      if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
      const known = [...(await store.embeddingsOf(personId, model))];
      if (!copies.isDecided(known)) return undefined;
      const added: AddedFace[] = [];
      for (const one of prepared) {
        added.push('refusal' in one ? one : await insertUnlessSame(store, copies, context.limits, one, known));
      }
      return added;
    });
    if (added !== undefined) return added;
  }
  throw new Refusal('tooManyRequests', 'others are adding faces to the person');
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
export async function listFaces(context: RequestContext, personId: string): Promise<IdList> {
  const faceIds = await context.store.facesOf(personId);
  if (faceIds === undefined) throw unknownPerson(personId);
  return faceIds;
}

/**
 * Erases those of the faces that belong to the person, each with its embedding and crop.
 * @returns the ids that were erased, in the order asked for.
 * @throws Refusal `personUnknown`; `faceUnknown` if none of the faces is the person's.
 */
export async function deleteFaces(
  context: Pick<RequestContext, 'store'>,
  personId: string,
  faceIds: readonly string[],
): Promise<readonly string[]> {
  return context.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const erased = new Set(await store.deleteFaces(personId, faceIds));
    if (erased.size === 0) throw new Refusal('faceUnknown');
    return [...new Set(faceIds)].filter((id) => erased.has(id));
  });
}

type PreparedOrRefused = PreparedFace | Extract<AddedFace, { refusal: RefusalName }>;

async function prepareOrRefuse(
  context: RequestContext,
  picture: PictureSource,
  personId: string,
  tag: string,
): Promise<PreparedOrRefused> {
  try {
    return await prepareFace(context, picture, personId, tag);
  } catch (error) {
    if (!(error instanceof Refusal) || endsCall.has(error.refusal)) throw error;
    const quality = error instanceof EnrolmentRefusal ? error.qualities[0] : undefined;
    return { refusal: error.refusal, faceId: '', quality };
  }
}

/** Stores the face unless the person has almost the same picture already; a face that is stored joins `known`. */
async function insertUnlessSame(
  store: Store,
  copies: CopyDecisions,
  limits: Limits,
  { face, quality }: PreparedFace,
  known: FaceEmbedding[],
): Promise<AddedFace> {
  const same = known.find((other) => copies.isCopy(face, other));
  if (same !== undefined) return { refusal: 'sameFace', faceId: same.faceId, quality };
  if (!(await store.insertFace(face, limits))) return { refusal: 'tooManyFaces', faceId: '', quality };
  known.push({ faceId: face.id, embedding: face.embedding });
  return { faceId: face.id, quality };
}
