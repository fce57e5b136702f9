import type { Kysely, Selectable } from 'kysely';
import type { Face, FaceCrop, FaceEmbedding, IdList } from '../domain/stores.ts';
import { dialectOf } from './dialects/dialect.ts';
import { toEmbedding } from './embeddings.ts';
import { decrypt } from './encryption/cipher.ts';
import { wrappedKeyOf } from './encryption/data-keys.ts';
import { bytesOf } from './growth.ts';
import { prepareLists } from './id-lists.ts';
import { prepare } from './prepared.ts';
import { type ChangingScope, type DecryptingScope, type PersonKey, personRow, type Scope } from './scope.ts';
import type { FaceRow, Tables } from './tables.ts';

/** Those of the faces that are there, in no order. */
export async function findFaces({ db, appid }: Scope, faceIds: readonly string[]): Promise<readonly Face[]> {
  if (faceIds.length === 0) return [];
  const rows = await db
    .selectFrom('faces')
    .selectAll()
    .where('appid', '=', appid)
    .where('face_id', 'in', faceIds)
    .execute();
  return rows.map(toFace);
}

/** Reads a face. */
export async function findFace({ db, appid }: Scope, faceId: string): Promise<Face | undefined> {
  const [row] = await faceQuery(db, { appid, faceId });
  return row && toFace(row);
}

const faceQuery = prepare(
  (db: Kysely<Tables>, { appid, faceId }: { readonly appid: string; readonly faceId: string }) =>
    db.selectFrom('faces').selectAll().where('appid', '=', appid).where('face_id', '=', faceId),
);

/** The ids of a person's faces, in the order of creation; undefined if there is no such person. */
export async function facesOf(scope: Scope, personId: string): Promise<IdList | undefined> {
  const [person] = await facesQuery(scope, { appid: scope.appid, personId });
  return person && { json: person.faces };
}

const facesQuery = prepareLists((db, of: PersonKey, listOf) =>
  personRow(db, of).select(listOf(faceIdsOf(db, of)).$asScalar().as('faces')),
);

/** Selects the ids of a person's faces. */
export function faceIdsOf(db: Kysely<Tables>, { appid, personId }: PersonKey) {
  return db
    .selectFrom('faces')
    .select('face_id as id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .orderBy('ordinal');
}

/** Faces that were erased, in the order of creation, and the bytes of their embeddings and crops. */
export interface ErasedFaces {
  readonly faceIds: readonly string[];
  readonly bytes: number;
}

/** Erases those of the faces that are the person's. */
export async function deleteFaces(
  { db, appid, changes }: ChangingScope,
  personId: string,
  faceIds: readonly string[],
): Promise<ErasedFaces> {
  const list = JSON.stringify(faceIds);
  const theirs = await db
    .selectFrom('faces')
    .select('face_id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value'))
    .orderBy('ordinal')
    .execute();
  const erased = theirs.map((row) => row.face_id);
  if (erased.length === 0) return { faceIds: erased, bytes: 0 };
  const bytes = await bytesOf(db, appid, erased);
  const rows = db.selectFrom(dialectOf(db).asked(JSON.stringify(erased))).select('value');
  await db.deleteFrom('faces').where('appid', '=', appid).where('face_id', 'in', rows).execute();
  changes.recorded.add(erased.map((faceId) => ({ kind: 'removeFace', faceId })));
  return { faceIds: erased, bytes };
}

/** The embeddings that one model made of those of the faces that are there, in no order. */
export async function findEmbeddings(
  scope: DecryptingScope,
  faceIds: readonly string[],
  model: string,
): Promise<readonly FaceEmbedding[]> {
  if (faceIds.length === 0) return [];
  const { db, appid } = scope;
  const rows = await db
    .selectFrom('embeddings')
    .select(['face_id', 'embedding', wrappedKeyOf(appid).as('wrapped')])
    .where('appid', '=', appid)
    .where('face_id', 'in', faceIds)
    .where('model', '=', model)
    .execute();
  return rows.map((row) => toEmbedding(scope, row, model));
}

/** The crops of those of the faces that are there, in no order. */
export async function findCrops(
  { db, appid, dataKeys }: DecryptingScope,
  faceIds: readonly string[],
): Promise<readonly FaceCrop[]> {
  if (faceIds.length === 0) return [];
  const rows = await db
    .selectFrom('crops')
    .select(['face_id', 'crop', wrappedKeyOf(appid).as('wrapped')])
    .where('appid', '=', appid)
    .where('face_id', 'in', faceIds)
    .execute();
  return rows.map(({ face_id: faceId, crop, wrapped }) => ({
    faceId,
    crop: decrypt(dataKeys.open(appid, wrapped), crop, ['crops', faceId]),
  }));
}

/** The embeddings that one model made of a person's faces, in the faces' order. */
export async function embeddingsOf(
  scope: DecryptingScope,
  personId: string,
  model: string,
): Promise<readonly FaceEmbedding[]> {
  const { db, appid } = scope;
  const rows = await db
    .selectFrom('faces')
    .innerJoin('embeddings', (join) =>
      join.onRef('embeddings.appid', '=', 'faces.appid').onRef('embeddings.face_id', '=', 'faces.face_id'),
    )
    .select(['faces.face_id', 'embeddings.embedding', wrappedKeyOf(appid).as('wrapped')])
    .where('faces.appid', '=', appid)
    .where('faces.person_id', '=', personId)
    .where('embeddings.model', '=', model)
    .orderBy('faces.ordinal')
    .execute();
  return rows.map((row) => toEmbedding(scope, row, model));
}

/** A face as its row tells it. */
export function toFace(row: Selectable<FaceRow>): Face {
  const { gender, age, expression, pitch, yaw, roll, quality } = row;
  return {
    id: row.face_id,
    personId: row.person_id,
    tag: row.tag,
    box: { x: row.box_x / 100, y: row.box_y / 100, width: row.box_width / 100, height: row.box_height / 100 },
    attributes: { gender, age, expression, glass: row.glass === 1, pitch, yaw, roll },
    ...(quality !== null && { quality }),
  };
}
