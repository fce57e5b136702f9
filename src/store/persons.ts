/** Queries for persons. */
import type { Kysely } from 'kysely';
import type { IdList, Person, PersonChange, PersonDetails } from '../domain/stores.ts';
import { faceIdsOf } from './faces.ts';
import { endMemberships, groupIdsOf } from './groups.ts';
import { bytesOf } from './growth.ts';
import { prepareLists } from './id-lists.ts';
import { prepare, prepareWrite } from './prepared.ts';
import { type ChangingScope, type PersonKey, personRow, type Scope } from './scope.ts';
import type { Tables } from './tables.ts';

const personQuery = prepare((db: Kysely<Tables>, of: PersonKey) =>
  personRow(db, of).select(['person_id as id', 'name', 'tag']),
);

const detailsQuery = prepareLists((db, of: PersonKey, listOf) =>
  personRow(db, of)
    .select(['person_id as id', 'name', 'tag'])
    .select(listOf(faceIdsOf(db, of)).$asScalar().as('faces'))
    .select(listOf(groupIdsOf(db, of)).$asScalar().as('groups')),
);

/** Reads a person. */
export async function findPerson({ db, appid }: Scope, personId: string): Promise<Person | undefined> {
  const [person] = await personQuery(db, { appid, personId });
  return person;
}

/** Reads a person with its faces and groups, in one statement. */
export async function findDetails(scope: Scope, personId: string): Promise<PersonDetails | undefined> {
  const [row] = await detailsQuery(scope, { appid: scope.appid, personId });
  if (row === undefined) return undefined;
  const { id, name, tag, faces, groups } = row;
  return { person: { id, name, tag }, faceIds: { json: faces }, groupIds: { json: groups } };
}

/** Writes a person; false, and nothing written, if the id is taken. */
export async function insertPerson({ db, appid }: Scope, { id, name, tag }: Person): Promise<boolean> {
  return (await insertQuery(db, { appid, id, name, tag })) === 1;
}

const insertQuery = prepareWrite((db: Kysely<Tables>, { appid, id, name, tag }: Person & { readonly appid: string }) =>
  db
    .insertInto('persons')
    .values({ appid, person_id: id, name, tag })
    .onConflict((conflict) => conflict.doNothing()),
);

/** Changes a person's name or tag; false if there is no such person. */
export async function updatePerson(
  scope: ChangingScope,
  personId: string,
  { name, tag }: PersonChange,
): Promise<boolean> {
  if (name === undefined && tag === undefined) return (await findPerson(scope, personId)) !== undefined;
  const { db, appid } = scope;
  if ((await updateQuery(db, { appid, personId, name: name ?? null, tag: tag ?? null })) !== 1) return false;
  scope.changes.recorded.add([{ kind: 'updatePerson', personId }]);
  return true;
}

/** What is null stays as it is. */
const updateQuery = prepareWrite(
  (
    db: Kysely<Tables>,
    { appid, personId, name, tag }: PersonKey & { readonly name: string | null; readonly tag: string | null },
  ) =>
    db
      .updateTable('persons')
      .set((eb) => ({
        name: eb.fn.coalesce(eb.val(name), 'name'),
        tag: eb.fn.coalesce(eb.val(tag), 'tag'),
      }))
      .where('appid', '=', appid)
      .where('person_id', '=', personId),
);

/** What belonged to a person that was erased. */
export interface ErasedPerson {
  readonly faceIds: readonly string[];
  readonly groupIds: readonly string[];
  /** Of the faces' embeddings and crops. */
  readonly bytes: number;
}

/** Erases a person; faces, embeddings and crops go with it through their foreign keys. Undefined if unknown. */
export async function deletePerson(scope: ChangingScope, personId: string): Promise<ErasedPerson | undefined> {
  const details = await findDetails(scope, personId);
  if (details === undefined) return undefined;
  const groupIds = textOf(details.groupIds);
  const faceIds = JSON.parse(textOf(details.faceIds)) as readonly string[];
  const bytes = await bytesOf(scope.db, scope.appid, faceIds);
  await endMemberships(scope, personId, groupIds);
  if ((await deleteQuery(scope.db, { appid: scope.appid, personId })) !== 1) return undefined;
  scope.changes.recorded.add([{ kind: 'removePerson', personId }]);
  return { faceIds, groupIds: JSON.parse(groupIds), bytes };
}

function textOf({ json }: IdList): string {
  return Buffer.from(json).toString();
}

const deleteQuery = prepareWrite((db: Kysely<Tables>, { appid, personId }: PersonKey) =>
  db.deleteFrom('persons').where('appid', '=', appid).where('person_id', '=', personId),
);
