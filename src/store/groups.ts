/** Queries for groups and memberships. A group lives as long as it has members. */
import { type Kysely, sql } from 'kysely';
import type { IdList, JoinOutcome, Limits } from '../domain/stores.ts';
import { recordChanges } from './changes.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { prepareIds, unlessEmpty } from './id-lists.ts';
import { prepare, prepareWrite } from './prepared.ts';
import { nextOrdinal, type PersonKey, type Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Groups that are named for a person. */
interface Asking extends PersonKey {
  /** Their ids, as JSON. */
  readonly list: string;
}

/**
 * Makes a person a member of groups, all of them or none; those that are not there are created. The person must exist,
 * and the ids must differ. The number of statements does not depend on the number of groups.
 */
export async function joinGroups(
  scope: Scope,
  personId: string,
  groupIds: readonly string[],
  limits: Limits,
): Promise<JoinOutcome> {
  const { db, appid } = scope;
  const asking = { appid, personId, list: JSON.stringify(groupIds) };
  const refusal = await firstRefusal(scope, asking, limits);
  if (refusal !== undefined) return refusal;
  // Statements run in the order in which they are given; none of these waits for what another one says.
  const [grown, created, joined] = await Promise.all([
    incrementMembers(db, { ...asking, membersMax: limits.personsPerGroupMax }),
    insertGroups(db, asking),
    insertMemberships(db, asking),
  ]);
  // Each statement holds to the limits by itself: without a lock, others may have written since the first one.
  if (joined !== grown + created) throw new Error('the groups were changed while a person joined them');
  await Promise.all([
    created > 0 && incrementGroups(db, { appid, groups: created, before: limits.groupsMax - created }),
    joined > 0 && recordChanges(scope, [{ kind: 'joinGroups', personId, groupIds }]),
  ]);
  return { joined };
}

/** Ends a person's memberships of groups, which end with their last member. Answers how many there were. */
export async function leaveGroups(scope: Scope, personId: string, groupIds: readonly string[]): Promise<number> {
  const left = await endMemberships(scope, personId, JSON.stringify(groupIds));
  if (left > 0) await recordChanges(scope, [{ kind: 'leaveGroups', personId, groupIds }]);
  return left;
}

/**
 * Ends a person's memberships of groups without telling the feed. Answers how many there were.
 * @param list the groups, as JSON.
 */
export async function endMemberships(scope: Scope, personId: string, list: string): Promise<number> {
  const { db, appid } = scope;
  const asking = { appid, personId, list };
  const left = await decrementMembers(db, asking);
  if (left === 0) return 0;
  await deleteMemberships(db, asking);
  const ended = await deleteEmptyGroups(db, asking);
  if (ended > 0) await decrementGroups(db, { appid, groups: ended });
  return left;
}

/** The groups of a person, in the order of joining. */
export const groupsOf = prepareIds(groupIdsOf);

/** Selects the ids of a person's groups. */
export function groupIdsOf(db: Kysely<Tables>, { appid, personId }: PersonKey) {
  return db
    .selectFrom('memberships')
    .select('group_id as id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .orderBy('group_ordinal');
}

/** Whether there is any of the groups. */
export async function hasAnyGroup(scope: Scope, groupIds: readonly string[]): Promise<boolean> {
  const { db, appid } = scope;
  return (await anyGroupQuery(db, { appid, list: JSON.stringify(groupIds) })).length > 0;
}

const anyGroupQuery = prepare((db: Kysely<Tables>, { appid, list }: Pick<Asking, 'appid' | 'list'>) =>
  db
    .selectFrom('groups')
    .select('group_id')
    .where('appid', '=', appid)
    .where('group_id', 'in', idsIn(db, list))
    .limit(constant(1)),
);

/** Every group, in the order of creation; undefined if there is none. */
export async function groups(scope: Scope): Promise<IdList | undefined> {
  return unlessEmpty(await groupsQuery(scope, {}));
}

const groupsQuery = prepareIds((db, { appid }: { readonly appid: string }) =>
  db.selectFrom('groups').select('group_id as id').where('appid', '=', appid).orderBy('ordinal'),
);

/** The members of a group, in the order of joining; undefined if there is no such group. */
export async function membersOf(scope: Scope, groupId: string): Promise<IdList | undefined> {
  return unlessEmpty(await membersQuery(scope, { groupId }));
}

const membersQuery = prepareIds((db, { appid, groupId }: { readonly appid: string; readonly groupId: string }) =>
  db
    .selectFrom('memberships')
    .select('person_id as id')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .orderBy('member_ordinal'),
);

/** The first of the groups, in their order, that a limit keeps the person out of. */
async function firstRefusal(
  { db }: Scope,
  asking: Asking,
  { personsPerGroupMax, groupsMax }: Limits,
): Promise<Extract<JoinOutcome, { refusal: string }> | undefined> {
  const [[full], [beyond]] = await Promise.all([
    firstFullQuery(db, { ...asking, personsPerGroupMax }),
    firstBeyondQuery(db, { ...asking, groupsMax }),
  ]);
  if (full !== undefined && (beyond === undefined || full.key < beyond.key)) {
    return { refusal: 'tooManyPersons', groupId: full.value };
  }
  return beyond && { refusal: 'tooManyGroups', groupId: beyond.value };
}

const firstFullQuery = prepare((db: Kysely<Tables>, of: Asking & { readonly personsPerGroupMax: number }) =>
  db
    .selectFrom(dialectOf(db).asked(of.list))
    .select(['key', 'value'])
    .where(({ exists }) => exists(groupCalled(db, of, 'asked.value').where('members', '>=', of.personsPerGroupMax)))
    .where(({ not, exists }) => not(exists(membershipOf(db, of, 'asked.value'))))
    .orderBy('key')
    .limit(constant(1)),
);

/** The first of those that are not there and find no room. */
const firstBeyondQuery = prepare((db: Kysely<Tables>, of: Asking & { readonly groupsMax: number }) =>
  db
    .selectFrom(dialectOf(db).asked(of.list))
    .select(['key', 'value'])
    .where(({ not, exists }) => not(exists(groupCalled(db, of, 'asked.value'))))
    .orderBy('key')
    .limit(constant(1))
    .offset(
      sql<number>`(select ${dialectOf(db).atLeast0(sql`${of.groupsMax} - coalesce(sum(groups), 0)`)} from registries where appid = ${of.appid})`,
    ),
);

/** Counts a person into those of the groups that are there, have room and do not have the person. Answers how many. */
const incrementMembers = prepareWrite((db: Kysely<Tables>, of: Asking & { readonly membersMax: number }) =>
  db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '+', 1) }))
    .where('appid', '=', of.appid)
    .where('group_id', 'in', idsIn(db, of.list))
    .where('members', '<', of.membersMax)
    .where(({ not, exists }) => not(exists(membershipOf(db, of, 'groups.group_id')))),
);

/** Makes those of the groups that are not there, of one member each. Answers how many. */
const insertGroups = prepareWrite((db: Kysely<Tables>, of: Asking) => {
  const last = db.selectFrom('groups').select(nextOrdinal('ordinal').as('next')).where('appid', '=', of.appid);
  return db
    .insertInto('groups')
    .columns(['appid', 'group_id', 'ordinal', 'members'])
    .expression(
      db
        .selectFrom(dialectOf(db).asked(of.list))
        .select((eb) => [eb.val(of.appid).as('appid'), 'value', eb(last, '+', eb.ref('key')).as('ordinal')])
        .select((eb) => eb.lit(1).as('members'))
        .where(({ not, exists }) => not(exists(groupCalled(db, of, 'asked.value')))),
    );
});

/** Counts groups into the registry, which may have so many before. */
async function incrementGroups(
  db: Kysely<Tables>,
  added: { readonly appid: string; readonly groups: number; readonly before: number },
): Promise<void> {
  if ((await addGroups(db, added)) !== 1) throw new Error('groups were made while a person joined others');
}

const addGroups = prepareWrite(
  (
    db: Kysely<Tables>,
    { appid, groups, before }: { readonly appid: string; readonly groups: number; readonly before: number },
  ) =>
    db
      .insertInto('registries')
      .values({ appid, groups })
      .onConflict((conflict) =>
        conflict
          .column('appid')
          .doUpdateSet((eb) => ({ groups: eb('registries.groups', '+', eb.ref('excluded.groups')) }))
          .where('registries.groups', '<=', before),
      ),
);

/** Writes the memberships that are not there. Answers how many. */
const insertMemberships = prepareWrite((db: Kysely<Tables>, of: Asking) => {
  const memberships = db.selectFrom('memberships').where('memberships.appid', '=', of.appid);
  const ofGroup = memberships
    .select(nextOrdinal('member_ordinal').as('next'))
    .where('group_id', '=', sql.ref<string>('asked.value'));
  const ofPerson = memberships.select(nextOrdinal('group_ordinal').as('next')).where('person_id', '=', of.personId);
  return db
    .insertInto('memberships')
    .columns(['appid', 'group_id', 'person_id', 'member_ordinal', 'group_ordinal'])
    .expression(
      db
        .selectFrom(dialectOf(db).asked(of.list))
        .select((eb) => [eb.val(of.appid).as('appid'), 'value', eb.val(of.personId).as('person_id')])
        .select((eb) => [ofGroup.as('member_ordinal'), eb(ofPerson, '+', eb.ref('key')).as('group_ordinal')])
        .where(({ not, exists }) => not(exists(membershipOf(db, of, 'asked.value')))),
    );
});

/** Counts a person out of those of the groups that it is in. Answers how many. */
const decrementMembers = prepareWrite((db: Kysely<Tables>, of: Asking) =>
  db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '-', 1) }))
    .where('appid', '=', of.appid)
    .where(
      'group_id',
      'in',
      db
        .selectFrom('memberships')
        .select('group_id')
        .where('appid', '=', of.appid)
        .where('person_id', '=', of.personId)
        .where('group_id', 'in', idsIn(db, of.list)),
    ),
);

const deleteMemberships = prepareWrite((db: Kysely<Tables>, of: Asking) =>
  db
    .deleteFrom('memberships')
    .where('appid', '=', of.appid)
    .where('person_id', '=', of.personId)
    .where('group_id', 'in', idsIn(db, of.list)),
);

/** Ends those of the groups that nobody is in. Answers how many. */
const deleteEmptyGroups = prepareWrite((db: Kysely<Tables>, of: Asking) =>
  db
    .deleteFrom('groups')
    .where('appid', '=', of.appid)
    .where('group_id', 'in', idsIn(db, of.list))
    .where('members', '=', 0),
);

const decrementGroups = prepareWrite(
  (db: Kysely<Tables>, { appid, groups }: { readonly appid: string; readonly groups: number }) =>
    db
      .updateTable('registries')
      .set((eb) => ({ groups: eb('groups', '-', groups) }))
      .where('appid', '=', appid),
);

/** A JSON list's ids as a query's rows. */
function idsIn(db: Kysely<Tables>, list: string) {
  return db.selectFrom(dialectOf(db).asked(list)).select('value');
}

/** A person's membership of a group that a column of the query around it names. */
function membershipOf(db: Kysely<Tables>, { appid, personId }: PersonKey, groupId: string) {
  return db
    .selectFrom('memberships')
    .select('memberships.person_id')
    .where('memberships.appid', '=', appid)
    .where('memberships.group_id', '=', sql.ref<string>(groupId))
    .where('memberships.person_id', '=', personId);
}

/** A group that a column of the query around it names. */
function groupCalled(db: Kysely<Tables>, { appid }: Pick<PersonKey, 'appid'>, groupId: string) {
  return db
    .selectFrom('groups')
    .select('groups.group_id')
    .where('groups.appid', '=', appid)
    .where('groups.group_id', '=', sql.ref<string>(groupId));
}
