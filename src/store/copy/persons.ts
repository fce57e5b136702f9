/** Makes persons of one register the same in another: their rows in every table, and the rows of the groups that they are in. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import { tableKinds } from '../table-kinds.ts';
import type { Tables } from '../tables.ts';
import { type AnyDb, compareKeys, insertRows, isSame, type Row } from './rows.ts';

/** The tables whose rows are a person's, in the order in which they are written, each with how its rows are found. */
const ofPersons = {
  persons: 'person',
  memberships: 'person',
  faces: 'person',
  embeddings: 'face',
  crops: 'face',
} as const;
const personTables = Object.keys(ofPersons) as (keyof typeof ofPersons)[];

/** All rows of some persons, table by table, each in the order of its key; and those of some groups. */
type Persons = Readonly<Record<keyof typeof ofPersons | 'groups', readonly Row[]>>;

/** The two registers, of one appid. */
export interface Appid {
  readonly from: Kysely<Tables>;
  /** Nobody else writes to it. */
  readonly to: Kysely<Tables>;
  readonly appid: string;
}

/** Persons and groups by their ids. */
export interface Touched {
  readonly personIds: readonly string[];
  readonly groupIds: readonly string[];
}

/**
 * Makes persons and groups the same; those that are gone go. What is written is read again and compared.
 * @param also is run in the transaction that writes.
 * @returns how many persons and groups differed.
 * @throws Error if what was written is not what is read.
 */
export async function reconcilePersons(
  { from, to, appid }: Appid,
  { personIds, groupIds }: Touched,
  also: (trx: Kysely<Tables>) => Promise<void>,
): Promise<number> {
  const theirs = await readPersons(to, appid, personIds, groupIds);
  const left = theirs.memberships.map((row) => row.group_id as string);
  const touched = [...new Set([...groupIds, ...left])];
  // One moment: a face without its embedding, or a member without its group, would be none that there ever was.
  const ours = await from
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((snapshot) => readPersons(snapshot, appid, personIds, touched));
  const differing = differingPersons(ours, theirs, personIds);
  const groups = [...new Set([...touched, ...ours.groups.map((row) => row.group_id as string)])];
  return to.transaction().execute(async (trx) => {
    const isChanged = new Set(differing);
    await deletePersons(trx, appid, differing);
    const given = ours.faces.filter((row) => isChanged.has(personOf(row))).map((row) => row.face_id as string);
    await deleteFaces(trx, appid, given);
    const changedGroups = await writeGroups(trx, appid, ours.groups, groups);
    const faces = new Set(ours.faces.flatMap((row) => (isChanged.has(personOf(row)) ? [row.face_id] : [])));
    for (const table of personTables) {
      const isTheirs = (row: Row): boolean =>
        ofPersons[table] === 'person' ? isChanged.has(personOf(row)) : faces.has(row.face_id!);
      await insertRows(trx as unknown as AnyDb, table, ours[table].filter(isTheirs));
    }
    await also(trx);
    if (differing.length > 0) await refuseDifferent(trx, appid, differing, ours);
    return differing.length + changedGroups;
  });
}

async function deletePersons(trx: Kysely<Tables>, appid: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const asked = trx.selectFrom(dialectOf(trx).asked(JSON.stringify(ids))).select('value');
  // Faces, embeddings, crops and memberships go with them.
  await trx.deleteFrom('persons').where('appid', '=', appid).where('person_id', 'in', asked).execute();
}

/** A face may still be another person's here, who lost it to one of these: that one's turn comes, too. */
async function deleteFaces(trx: Kysely<Tables>, appid: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const asked = trx.selectFrom(dialectOf(trx).asked(JSON.stringify(ids))).select('value');
  await trx.deleteFrom('faces').where('appid', '=', appid).where('face_id', 'in', asked).execute();
}

async function writeGroups(
  trx: Kysely<Tables>,
  appid: string,
  ours: readonly Row[],
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const asked = trx.selectFrom(dialectOf(trx).asked(JSON.stringify(ids))).select('value');
  const theirs = await trx
    .selectFrom('groups')
    .selectAll()
    .where('appid', '=', appid)
    .where('group_id', 'in', asked)
    .execute();
  const before = new Map(theirs.map((row) => [row.group_id, row as unknown as Row]));
  const after = new Set(ours.map((row) => row.group_id as string));
  const ended = theirs.filter((row) => !after.has(row.group_id)).map((row) => row.group_id);
  if (ended.length > 0) {
    const gone = trx.selectFrom(dialectOf(trx).asked(JSON.stringify(ended))).select('value');
    await trx.deleteFrom('groups').where('appid', '=', appid).where('group_id', 'in', gone).execute();
  }
  let changed = ended.length;
  for (const row of ours) {
    const known = before.get(row.group_id as string);
    if (known !== undefined && isSame(row, known)) continue;
    changed += 1;
    const { group_id, ordinal, members } = row as { group_id: string; ordinal: number; members: number };
    await trx
      .insertInto('groups')
      .values({ appid, group_id, ordinal, members })
      .onConflict((conflict) => conflict.columns(['appid', 'group_id']).doUpdateSet({ ordinal, members }))
      .execute();
  }
  return changed;
}

async function refuseDifferent(
  trx: Kysely<Tables>,
  appid: string,
  ids: readonly string[],
  ours: Persons,
): Promise<void> {
  const written = await readPersons(trx, appid, ids, []);
  const [different] = differingPersons(ours, written, ids);
  if (different !== undefined) {
    throw new Error(`appid ${appid}: a person was not read as it was written; the database is not to be trusted`);
  }
}

async function readPersons(
  db: Kysely<Tables>,
  appid: string,
  personIds: readonly string[],
  groupIds: readonly string[],
): Promise<Persons> {
  const dialect = dialectOf(db);
  const asked = () => db.selectFrom(dialect.asked(JSON.stringify(personIds))).select('value');
  const read = async (table: keyof Persons, condition: ReturnType<typeof sql<boolean>>): Promise<readonly Row[]> => {
    const rows = await (db as unknown as AnyDb)
      .selectFrom(table)
      .selectAll()
      .where('appid', '=', appid)
      .where(condition)
      .execute();
    return (rows as readonly Row[]).toSorted((a, b) => compareKeys(a, b, tableKinds[table].key));
  };
  const isTheirs = () => sql<boolean>`person_id in ${asked()}`;
  const theirFaces = () =>
    sql<boolean>`face_id in (select face_id from faces where appid = ${appid} and ${isTheirs()})`;
  const named = db.selectFrom(dialect.asked(JSON.stringify(groupIds))).select('value');
  return {
    persons: await read('persons', isTheirs()),
    memberships: await read('memberships', isTheirs()),
    faces: await read('faces', isTheirs()),
    embeddings: await read('embeddings', theirFaces()),
    crops: await read('crops', theirFaces()),
    groups: await read(
      'groups',
      sql<boolean>`(group_id in ${named} or group_id in (select group_id from memberships where appid = ${appid} and ${isTheirs()}))`,
    ),
  };
}

/** Those of the persons of whom any row differs. */
function differingPersons(ours: Persons, theirs: Persons, ids: readonly string[]): readonly string[] {
  const [left, right] = [byPerson(ours), byPerson(theirs)];
  return ids.filter((id) => {
    const [a, b] = [left.get(id) ?? [], right.get(id) ?? []];
    return a.length !== b.length || a.some((row, i) => !isSame(row, b[i]!));
  });
}

/** All rows of each person, table after table. */
function byPerson(persons: Persons): ReadonlyMap<string, readonly Row[]> {
  const people = new Map<string, Row[]>();
  const personOfFace = new Map(persons.faces.map((row) => [row.face_id, personOf(row)]));
  for (const table of personTables) {
    for (const row of persons[table]) {
      const id = ofPersons[table] === 'person' ? personOf(row) : (personOfFace.get(row.face_id!) ?? '');
      const rows = people.get(id);
      if (rows === undefined) people.set(id, [row]);
      else rows.push(row);
    }
  }
  return people;
}

function personOf(row: Row): string {
  return row.person_id as string;
}
