/** Queries for persons. */
import type { Kysely } from 'kysely';
import type { Person, PersonChange } from '../domain/stores.ts';
import { recordChanges } from './changes.ts';
import { endMemberships, groupsOf } from './groups.ts';
import { prepare } from './prepared.ts';
import type { Scope } from './scope.ts';
import type { Tables } from './tables.ts';

const personQuery = prepare((db: Kysely<Tables>, { appid, personId }: { appid: string; personId: string }) =>
  db
    .selectFrom('persons')
    .select(['person_id as id', 'name', 'tag'])
    .where('appid', '=', appid)
    .where('person_id', '=', personId),
);

/** Reads a person. */
export async function findPerson({ db, appid }: Scope, personId: string): Promise<Person | undefined> {
  const [person] = await personQuery(db, { appid, personId });
  return person;
}

/** Writes a person; false, and nothing written, if the id is taken. */
export async function insertPerson({ db, appid }: Scope, { id, name, tag }: Person): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('persons')
    .values({ appid, person_id: id, name, tag })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Changes a person's name or tag; false if there is no such person. */
export async function updatePerson(scope: Scope, personId: string, { name, tag }: PersonChange): Promise<boolean> {
  if (name === undefined && tag === undefined) return (await findPerson(scope, personId)) !== undefined;
  const { numUpdatedRows } = await scope.db
    .updateTable('persons')
    .set({ ...(name !== undefined && { name }), ...(tag !== undefined && { tag }) })
    .where('appid', '=', scope.appid)
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Erases a person; faces, embeddings and crops go with it through their foreign keys. False if unknown. */
export async function deletePerson(scope: Scope, personId: string): Promise<boolean> {
  const { json } = await groupsOf(scope, personId);
  await endMemberships(scope, personId, Buffer.from(json).toString());
  const { numDeletedRows } = await scope.db
    .deleteFrom('persons')
    .where('appid', '=', scope.appid)
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  if (numDeletedRows !== 1n) return false;
  await recordChanges(scope, [{ kind: 'removePerson', personId }]);
  return true;
}
