/** Moves the rows of persons: faces and memberships that go from one person to another stay the same rows. */
import type { Kysely } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { prepareWrite } from '../prepared.ts';
import type { ChangingScope, Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import { CorrectionRefused } from './refused.ts';

/** A face, and where it is among a person's. */
export interface PlacedFace {
  readonly id: string;
  readonly personId: string;
  readonly ordinal: number;
}

/** Those of the faces that are there, by person and in their order. */
export async function placesOf({ db, appid }: Scope, faceIds: readonly string[]): Promise<readonly PlacedFace[]> {
  const places = await db
    .selectFrom('faces')
    .select(['face_id as id', 'person_id as personId', 'ordinal'])
    .where('appid', '=', appid)
    .where('face_id', 'in', db.selectFrom(dialectOf(db).asked(JSON.stringify(faceIds))).select('value'))
    .execute();
  // Sorted here: a database would walk all faces of the appid in this order rather than sort a few.
  return places.sort(
    (a, b) => Buffer.compare(Buffer.from(a.personId), Buffer.from(b.personId)) || a.ordinal - b.ordinal,
  );
}

/** A person's faces, in their order. */
export async function facesIn({ db, appid }: Scope, personId: string): Promise<readonly PlacedFace[]> {
  return db
    .selectFrom('faces')
    .select(['face_id as id', 'person_id as personId', 'ordinal'])
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .orderBy('ordinal')
    .execute();
}

/**
 * Gives faces to a person, behind those that it has. The person must exist.
 * @throws CorrectionRefused if the person would have too many.
 */
export async function giveFaces(
  scope: ChangingScope,
  faces: readonly PlacedFace[],
  to: string,
  facesMax: number,
): Promise<void> {
  const theirs = await facesIn(scope, to);
  refuseIfTooMany(theirs.length + faces.length, facesMax);
  const last = theirs.at(-1)?.ordinal ?? 0;
  await putFaces(
    scope,
    faces.map(({ id }, i) => ({ id, personId: to, ordinal: last + 1 + i })),
  );
}

/**
 * Puts faces back where they were, or where that place is taken, behind the others. The persons must exist.
 * @throws CorrectionRefused if a person would have too many.
 */
export async function returnFaces(
  scope: ChangingScope,
  places: readonly PlacedFace[],
  facesMax: number,
): Promise<void> {
  const back: PlacedFace[] = [];
  for (const [personId, faces] of Map.groupBy(places, (place) => place.personId)) {
    const theirs = await facesIn(scope, personId);
    refuseIfTooMany(theirs.length + faces.length, facesMax);
    const taken = new Set(theirs.map(({ ordinal }) => ordinal));
    let last = Math.max(0, ...taken, ...faces.map(({ ordinal }) => ordinal));
    for (const face of faces) back.push(taken.has(face.ordinal) ? { ...face, ordinal: ++last } : face);
  }
  await putFaces(scope, back);
}

function refuseIfTooMany(faces: number, facesMax: number): void {
  if (faces > facesMax) throw new CorrectionRefused('invalid', `a person has ${facesMax} faces at most`);
}

/** Puts faces into places that are free, and tells the feed. */
async function putFaces(scope: ChangingScope, places: readonly PlacedFace[]): Promise<void> {
  const { db, appid } = scope;
  for (const place of places) await putFace(db, { appid, ...place });
  for (const [personId, faces] of Map.groupBy(places, (place) => place.personId)) {
    await dialectOf(db).vectors?.giveTo(db, appid, JSON.stringify(faces.map(({ id }) => id)), personId);
  }
  // Who copies the register learns by the first of the two whose the face was.
  const changes = places.flatMap(({ id: faceId, personId }) => [
    { kind: 'removeFace', faceId } as const,
    { kind: 'insertFace', faceId, personId } as const,
  ]);
  scope.changes.recorded.add(changes);
}

const putFace = prepareWrite(
  (db: Kysely<Tables>, { appid, id, personId, ordinal }: PlacedFace & { readonly appid: string }) =>
    db.updateTable('faces').set({ person_id: personId, ordinal }).where('appid', '=', appid).where('face_id', '=', id),
);

/** Gives those of a person's memberships to another one who is not in these groups, behind the other's own. */
export async function giveMemberships(
  { db, appid }: Scope,
  from: string,
  to: string,
  groupIds: readonly string[],
): Promise<void> {
  if (groupIds.length === 0) return;
  const { last } = await db
    .selectFrom('memberships')
    .select((eb) => eb.fn.max<number | null>('group_ordinal').as('last'))
    .where('appid', '=', appid)
    .where('person_id', '=', to)
    .executeTakeFirstOrThrow();
  await db
    .updateTable('memberships')
    .set((eb) => ({ person_id: to, group_ordinal: eb('group_ordinal', '+', last ?? 0) }))
    .where('appid', '=', appid)
    .where('person_id', '=', from)
    .where('group_id', 'in', db.selectFrom(dialectOf(db).asked(JSON.stringify(groupIds))).select('value'))
    .execute();
}

/** Deletes the row of a person who has neither faces nor memberships any more, and tells the feed. */
export async function dropPerson(scope: ChangingScope, personId: string): Promise<void> {
  const { db, appid } = scope;
  await db.deleteFrom('persons').where('appid', '=', appid).where('person_id', '=', personId).execute();
  scope.changes.recorded.add([{ kind: 'removePerson', personId }]);
}
