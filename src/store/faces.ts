/** Queries for faces, with their embeddings and crops. */

import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Face, FaceCrop, FaceEmbedding, IdList, Limits, NewFace } from '../domain/stores.ts';
import { recordChanges } from './changes.ts';
import { asked } from './dialects/expressions.ts';
import { encryptEmbedding, toEmbedding } from './embeddings.ts';
import { decrypt, encrypt } from './encryption/cipher.ts';
import { wrappedKeyOf } from './encryption/data-keys.ts';
import { prepareLists } from './id-lists.ts';
import { type DecryptingScope, nextOrdinal, type PersonKey, personRow, type Scope } from './scope.ts';
import type { FaceRow, Tables } from './tables.ts';

/** Writes a face; false, and nothing written, if the person has too many. The person must exist. */
export async function insertFace(scope: DecryptingScope, face: NewFace, limits: Limits): Promise<boolean> {
  if (!(await insertRow(scope, face, limits.facesPerPersonMax))) return false;
  const { db, appid, dataKeys } = scope;
  const row = { appid, face_id: face.id };
  const key = await dataKeys.ensure(db, appid);
  await db
    .insertInto('embeddings')
    .values({ ...row, model: face.model, embedding: encryptEmbedding(key, face) })
    .execute();
  await db
    .insertInto('crops')
    .values({ ...row, crop: encrypt(key, face.crop, ['crops', face.id]) })
    .execute();
  await recordChanges(scope, [{ kind: 'insertFace', faceId: face.id, personId: face.personId }]);
  return true;
}

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
  const row = await db
    .selectFrom('faces')
    .selectAll()
    .where('appid', '=', appid)
    .where('face_id', '=', faceId)
    .executeTakeFirst();
  return row && toFace(row);
}

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

/** Erases those of the faces that are the person's, and answers which they were, in the order of creation. */
export async function deleteFaces(
  { db, appid }: Scope,
  personId: string,
  faceIds: readonly string[],
): Promise<readonly string[]> {
  const list = JSON.stringify(faceIds);
  const theirs = await db
    .selectFrom('faces')
    .select('face_id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where('face_id', 'in', db.selectFrom(asked(list)).select('value'))
    .orderBy('ordinal')
    .execute();
  const erased = theirs.map((row) => row.face_id);
  if (erased.length === 0) return erased;
  const rows = db.selectFrom(asked(JSON.stringify(erased))).select('value');
  await db.deleteFrom('faces').where('appid', '=', appid).where('face_id', 'in', rows).execute();
  await recordChanges(
    { db, appid },
    erased.map((faceId) => ({ kind: 'removeFace', faceId })),
  );
  return erased;
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

/** One statement counts the person's faces, gives the face its place among them, and writes it. */
async function insertRow({ db, appid }: Scope, face: NewFace, facesMax: number): Promise<boolean> {
  const values = Object.entries(rowOf(appid, face));
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('faces')
    .columns(values.map(([column]) => column as keyof FaceRow))
    .expression((eb) =>
      eb
        .selectFrom('faces')
        .select(values.map(([column, value]) => value.as(column)))
        .where('appid', '=', appid)
        .where('person_id', '=', face.personId)
        .having(eb.fn.countAll<number>(), '<', facesMax),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** A face's columns, each with what is selected for it. */
function rowOf(
  appid: string,
  { id, personId, tag, box, attributes }: NewFace,
): Record<keyof FaceRow, RawBuilder<unknown>> {
  return {
    appid: text(appid),
    face_id: text(id),
    person_id: text(personId),
    ordinal: nextOrdinal('ordinal'),
    tag: text(tag),
    box_x: integer(hundredths(box.x)),
    box_y: integer(hundredths(box.y)),
    box_width: integer(hundredths(box.width)),
    box_height: integer(hundredths(box.height)),
    gender: integer(attributes.gender),
    age: integer(attributes.age),
    expression: integer(attributes.expression),
    glass: integer(attributes.glass ? 1 : 0),
    pitch: integer(attributes.pitch),
    yaw: integer(attributes.yaw),
    roll: integer(attributes.roll),
  };
}

// A value that is selected needs its type said: PostgreSQL would take it for text.

function text(value: string): RawBuilder<string> {
  return sql<string>`cast(${value} as text)`;
}

function integer(value: number): RawBuilder<number> {
  return sql<number>`cast(${value} as integer)`;
}

function hundredths(pixels: number): number {
  return Math.round(pixels * 100);
}

function toFace(row: Selectable<FaceRow>): Face {
  const { gender, age, expression, pitch, yaw, roll } = row;
  return {
    id: row.face_id,
    personId: row.person_id,
    tag: row.tag,
    box: { x: row.box_x / 100, y: row.box_y / 100, width: row.box_width / 100, height: row.box_height / 100 },
    attributes: { gender, age, expression, glass: row.glass === 1, pitch, yaw, roll },
  };
}
