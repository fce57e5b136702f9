/** Reads every person of a registry with all that belongs to it, some at a time. */
import type { KeyObject } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { toEmbedding } from '../embeddings.ts';
import { decrypt } from '../encryption/cipher.ts';
import { wrappedKeyOf } from '../encryption/data-keys.ts';
import { toFace } from '../faces.ts';
import type { OpeningScope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import type { ArchivedEmbedding, ArchivedFace, ArchivedParts, ArchivedPerson } from './archived.ts';

/** Persons that are read at once. */
const batchSize = 50;

/** Yields every person: in the order of their first faces, then those that have none in the order of their ids. */
export async function* readPersons(
  scope: OpeningScope,
  parts: ArchivedParts,
): AsyncGenerator<readonly ArchivedPerson[], void> {
  for (let after = ''; ; ) {
    const first = await firstFacesAfter(scope, after);
    if (first.length > 0) {
      const ids = first.map((row) => row.person_id);
      yield await readSome(scope, ids, parts);
    }
    if (first.length < batchSize) break;
    after = first.at(-1)!.face_id;
  }
  for (let after = ''; ; ) {
    const ids = await facelessAfter(scope, after);
    if (ids.length > 0) yield await readSome(scope, ids, parts);
    if (ids.length < batchSize) return;
    after = ids.at(-1)!;
  }
}

/** The first faces of persons, in the order of ids. Each face is looked at once, and the few others of its person. */
function firstFacesAfter({ db, appid }: OpeningScope, after: string) {
  return db
    .selectFrom('faces')
    .select(['face_id', 'person_id'])
    .where('appid', '=', appid)
    .where('face_id', '>', after)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('faces as earlier')
            .select('earlier.face_id')
            .whereRef('earlier.appid', '=', 'faces.appid')
            .whereRef('earlier.person_id', '=', 'faces.person_id')
            // By the faces of the person, of which there are few, and not by all that come before.
            .where(sql`earlier.face_id || ''`, '<', sql.ref('faces.face_id')),
        ),
      ),
    )
    .orderBy('face_id')
    .limit(constant(batchSize))
    .execute();
}

async function facelessAfter({ db, appid }: OpeningScope, after: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('persons')
    .select('person_id')
    .where('appid', '=', appid)
    .where('person_id', '>', after)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('faces')
            .select('face_id')
            .whereRef('faces.appid', '=', 'persons.appid')
            .whereRef('faces.person_id', '=', 'persons.person_id'),
        ),
      ),
    )
    .orderBy('person_id')
    .limit(constant(batchSize))
    .execute();
  return rows.map((row) => row.person_id);
}

/** Some persons, in the order in which they are named. */
async function readSome(
  scope: OpeningScope,
  personIds: readonly string[],
  parts: ArchivedParts,
): Promise<readonly ArchivedPerson[]> {
  const { db, appid } = scope;
  const asked = listIn(db, personIds);
  const persons = await db
    .selectFrom('persons')
    .select(['person_id', 'name', 'tag'])
    .where('appid', '=', appid)
    .where('person_id', 'in', asked)
    .execute();
  const memberships = await db
    .selectFrom('memberships')
    .select(['person_id', 'group_id'])
    .where('appid', '=', appid)
    .where('person_id', 'in', asked)
    .orderBy('group_ordinal')
    .execute();
  const faces = Map.groupBy(await readFaces(scope, personIds, parts), (face) => face.personId);
  const groups = Map.groupBy(memberships, (row) => row.person_id);
  const byId = new Map(persons.map((row) => [row.person_id, row]));
  return personIds.map((id) => {
    const { name, tag } = byId.get(id)!;
    const groupIds = (groups.get(id) ?? []).map((row) => row.group_id);
    return { id, name, tag, groupIds, faces: faces.get(id) ?? [] };
  });
}

async function readFaces(
  scope: OpeningScope,
  personIds: readonly string[],
  { crops, embeddings }: ArchivedParts,
): Promise<readonly ArchivedFace[]> {
  const { db, appid, dataKeys } = scope;
  const rows = await db
    .selectFrom('faces')
    .selectAll()
    .where('appid', '=', appid)
    .where('person_id', 'in', listIn(db, personIds))
    .orderBy('ordinal')
    .execute();
  if (rows.length === 0) return [];
  const faceIds = rows.map((row) => row.face_id);
  const { wrapped } = await db.selectNoFrom(wrappedKeyOf(appid).as('wrapped')).executeTakeFirstOrThrow();
  const cropOf = crops ? await readCrops(scope, faceIds, dataKeys.open(appid, wrapped)) : undefined;
  const embeddingsOf = embeddings ? await readEmbeddings(scope, faceIds, wrapped) : undefined;
  return rows.map((row) => ({
    ...toFace(row),
    crop: cropOf?.get(row.face_id),
    embeddings: embeddingsOf?.get(row.face_id) ?? [],
  }));
}

async function readCrops(
  { db, appid }: OpeningScope,
  faceIds: readonly string[],
  key: KeyObject,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await db
    .selectFrom('crops')
    .select(['face_id', 'crop'])
    .where('appid', '=', appid)
    .where('face_id', 'in', listIn(db, faceIds))
    .execute();
  return new Map(rows.map(({ face_id: id, crop }) => [id, decrypt(key, crop, ['crops', id])]));
}

async function readEmbeddings(
  scope: OpeningScope,
  faceIds: readonly string[],
  wrapped: Uint8Array | null,
): Promise<ReadonlyMap<string, readonly ArchivedEmbedding[]>> {
  const { db, appid } = scope;
  const rows = await db
    .selectFrom('embeddings')
    .select(['face_id', 'model', 'embedding'])
    .where('appid', '=', appid)
    .where('face_id', 'in', listIn(db, faceIds))
    .orderBy('model')
    .execute();
  const byFace = new Map<string, ArchivedEmbedding[]>();
  for (const { model, ...row } of rows) {
    const { embedding } = toEmbedding(scope, { ...row, wrapped }, model);
    byFace.set(row.face_id, [...(byFace.get(row.face_id) ?? []), { model, embedding }]);
  }
  return byFace;
}

/** Ids as a part of a condition: one parameter, however many there are. */
export function listIn(db: Kysely<Tables>, ids: readonly string[]) {
  return db.selectFrom(dialectOf(db).asked(JSON.stringify(ids))).select('value');
}
