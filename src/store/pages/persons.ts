/** Pages of the groups and persons of a registry. */
import type { Kysely } from 'kysely';
import type { Person } from '../../domain/stores.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import type { Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import { beginsWith, directionOf, isBeyond, limitOf, type Page, type PageRequest, pageOf } from './page.ts';

/** A group, and how many persons are in it. */
export interface GroupSummary {
  readonly id: string;
  readonly members: number;
}

/** A person as a list shows it. */
export interface PersonSummary extends Person {
  readonly faces: number;
  /** The first of the faces; null if there is none. */
  readonly faceId: string | null;
}

/** Which persons are asked for. */
export interface PersonSearch {
  /** Members of this group only. */
  readonly groupId?: string | undefined;
  /** What the persons are searched by, and in the order of which they come. */
  readonly by: 'id' | 'name';
  /** With what the id or the name begins, letter by letter as it is stored. Empty for all. */
  readonly prefix: string;
}

/** Where a person is in a list. */
export interface PersonCursor {
  readonly id: string;
  /** Empty in a list by ids. */
  readonly name: string;
}

/** Names that are looked through for the members of a group at once. */
export const namesPerLook = 500;

/** How much a registry, or one group of it, holds. */
export interface Totals {
  readonly groups: number;
  readonly persons: number;
  readonly faces: number;
}

/** What the registry holds, as it is counted with each write. */
export async function totalsOf({ db, appid }: Scope): Promise<Totals> {
  const row = await db
    .selectFrom('registries')
    .select(['groups', 'persons', 'faces'])
    .where('appid', '=', appid)
    .executeTakeFirst();
  return row ?? { groups: 0, persons: 0, faces: 0 };
}

/** How many members a group has; undefined if there is none. */
export async function membersIn({ db, appid }: Scope, groupId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('groups')
    .select('members')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return row?.members;
}

/** The groups whose ids begin with a text, in the order of ids. */
export async function groupsPage(
  { db, appid }: Scope,
  prefix: string,
  page: PageRequest<string>,
): Promise<Page<GroupSummary, string>> {
  const groups = await db
    .selectFrom('groups')
    .select(['group_id as id', 'members'])
    .where('appid', '=', appid)
    .where(beginsWith('group_id', prefix))
    .where(isBeyond('group_id', page))
    .orderBy('group_id', directionOf(page))
    .limit(limitOf(page))
    .execute();
  return pageOf(groups, page, ({ id }) => id);
}

/** Persons in the order of ids, or of names. Members of a group by name: a page may have few, or none, and more after it. */
export async function personsPage(
  scope: Scope,
  { groupId, by, prefix }: PersonSearch,
  page: PageRequest<PersonCursor>,
): Promise<Page<PersonSummary, PersonCursor>> {
  const found =
    groupId === undefined
      ? await (by === 'id' ? personsById : personsByName)(scope, prefix, page)
      : await (by === 'id' ? membersById : membersByName)(scope, groupId, prefix, page);
  return { ...found, items: await summariesOf(scope, found.items) };
}

type Found = Page<Person, PersonCursor>;

const byId = ({ id }: Person): PersonCursor => ({ id, name: '' });

async function personsById({ db, appid }: Scope, prefix: string, page: PageRequest<PersonCursor>): Promise<Found> {
  const persons = await db
    .selectFrom('persons')
    .select(['person_id as id', 'name', 'tag'])
    .where('appid', '=', appid)
    .where(beginsWith('person_id', prefix))
    .where(isBeyond('person_id', { ...page, cursor: page.cursor?.id }))
    .orderBy('person_id', directionOf(page))
    .limit(limitOf(page))
    .execute();
  return pageOf(persons, page, byId);
}

async function personsByName({ db, appid }: Scope, prefix: string, page: PageRequest<PersonCursor>): Promise<Found> {
  const { cursor, isBackward = false } = page;
  const persons = await db
    .selectFrom('persons')
    .select(['person_id as id', 'name', 'tag'])
    .where('appid', '=', appid)
    .where(beginsWith('name', prefix))
    .$if(cursor !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('name', 'person_id'), isBackward ? '<' : '>', tuple(cursor!.name, cursor!.id)),
      ),
    )
    .orderBy('name', directionOf(page))
    .orderBy('person_id', directionOf(page))
    .limit(limitOf(page))
    .execute();
  return pageOf(persons, page, ({ id, name }) => ({ id, name }));
}

async function membersById(
  { db, appid }: Scope,
  groupId: string,
  prefix: string,
  page: PageRequest<PersonCursor>,
): Promise<Found> {
  const persons = await db
    .selectFrom('memberships')
    .innerJoin('persons', (join) =>
      join.onRef('persons.appid', '=', 'memberships.appid').onRef('persons.person_id', '=', 'memberships.person_id'),
    )
    .select(['memberships.person_id as id', 'name', 'tag'])
    .where('memberships.appid', '=', appid)
    .where('group_id', '=', groupId)
    .where(beginsWith('memberships.person_id', prefix))
    .where(isBeyond('memberships.person_id', { ...page, cursor: page.cursor?.id }))
    .orderBy('memberships.person_id', directionOf(page))
    .limit(limitOf(page))
    .execute();
  return pageOf(persons, page, byId);
}

/** Names and members have no index in common: some names are looked through for members, and the next page goes on behind them. */
async function membersByName(
  scope: Scope,
  groupId: string,
  prefix: string,
  page: PageRequest<PersonCursor>,
): Promise<Found> {
  const { db, appid } = scope;
  const { isBackward = false, count } = page;
  const looked = await personsByName(scope, prefix, { ...page, count: namesPerLook });
  const rows = await db
    .selectFrom('memberships')
    .select('person_id')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .where('person_id', 'in', idsOf(db, looked.items))
    .execute();
  const members = new Set(rows.map(({ person_id }) => person_id));
  const found = looked.items.filter(({ id }) => members.has(id));
  if (found.length <= count) return { ...looked, items: found };
  const items = isBackward ? found.slice(-count) : found.slice(0, count);
  const [first, last] = [items[0]!, items.at(-1)!].map(({ id, name }) => ({ id, name }));
  return isBackward ? { ...looked, items, previous: first } : { ...looked, items, next: last };
}

/** Counts the faces of persons, and finds the first of each. */
async function summariesOf({ db, appid }: Scope, persons: readonly Person[]): Promise<readonly PersonSummary[]> {
  if (persons.length === 0) return [];
  const rows = await db
    .selectFrom('persons')
    .select('person_id as id')
    .select(({ selectFrom, fn }) => {
      const theirs = selectFrom('faces')
        .where('faces.appid', '=', appid)
        .whereRef('faces.person_id', '=', 'persons.person_id');
      return [
        theirs.select(fn.countAll<number>().as('count')).$asScalar().as('faces'),
        theirs.select('face_id').orderBy('ordinal').limit(constant(1)).$asScalar().as('faceId'),
      ];
    })
    .where('appid', '=', appid)
    .where('person_id', 'in', idsOf(db, persons))
    .execute();
  const byPerson = new Map(rows.map((row) => [row.id, row]));
  return persons.map((person) => {
    const { faces, faceId } = byPerson.get(person.id) ?? {};
    return { ...person, faces: faces ?? 0, faceId: faceId ?? null };
  });
}

function idsOf(db: Kysely<Tables>, persons: readonly Person[]) {
  return db.selectFrom(dialectOf(db).asked(JSON.stringify(persons.map(({ id }) => id)))).select('value');
}
