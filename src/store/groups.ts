/** Queries for groups and memberships. A group lives as long as it has members. */
import { type Kysely, sql } from 'kysely';
import type { IdList, JoinOutcome, Limits } from '../domain/stores.ts';
import { recordChanges } from './changes.ts';
import { asked, atLeast0 } from './dialects/expressions.ts';
import { prepareIds, unlessEmpty } from './id-lists.ts';
import { nextOrdinal, type PersonKey, type Scope } from './scope.ts';
import type { Tables } from './tables.ts';

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
  const list = JSON.stringify(groupIds);
  const refusal = await firstRefusal(scope, personId, list, limits);
  if (refusal !== undefined) return refusal;
  const grown = await incrementMembers(scope, personId, list, limits.personsPerGroupMax);
  const created = await createGroups(scope, list, limits.groupsMax);
  const joined = await insertMemberships(scope, personId, list);
  // Each statement holds to the limits by itself: without a lock, others may have written since the first one.
  if (joined !== grown + created) throw new Error('the groups were changed while a person joined them');
  if (joined > 0) await recordChanges(scope, [{ kind: 'joinGroups', personId, groupIds }]);
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
  const left = db
    .selectFrom('memberships')
    .select('group_id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where('group_id', 'in', idsIn(scope, list));
  const { numUpdatedRows } = await db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '-', 1) }))
    .where('appid', '=', appid)
    .where('group_id', 'in', left)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return 0;
  await db
    .deleteFrom('memberships')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .where('group_id', 'in', idsIn(scope, list))
    .execute();
  const ended = await db
    .deleteFrom('groups')
    .where('appid', '=', appid)
    .where('group_id', 'in', idsIn(scope, list))
    .where('members', '=', 0)
    .executeTakeFirstOrThrow();
  if (ended.numDeletedRows > 0n) await decrementGroups(scope, Number(ended.numDeletedRows));
  return Number(numUpdatedRows);
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
  const found = await db
    .selectFrom('groups')
    .select('group_id')
    .where('appid', '=', appid)
    .where('group_id', 'in', idsIn(scope, JSON.stringify(groupIds)))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

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
  scope: Scope,
  personId: string,
  list: string,
  { personsPerGroupMax, groupsMax }: Limits,
): Promise<Extract<JoinOutcome, { refusal: string }> | undefined> {
  const { db, appid } = scope;
  const full = await db
    .selectFrom(asked(list))
    .select(['key', 'value'])
    .where(({ exists }) => exists(groupCalled(scope, 'asked.value').where('members', '>=', personsPerGroupMax)))
    .where(({ not, exists }) => not(exists(membershipOf(scope, personId, 'asked.value'))))
    .orderBy('key')
    .limit(1)
    .executeTakeFirst();
  // The first of those that are not there and find no room.
  const beyond = await db
    .selectFrom(asked(list))
    .select(['key', 'value'])
    .where(({ not, exists }) => not(exists(groupCalled(scope, 'asked.value'))))
    .orderBy('key')
    .limit(1)
    .offset(
      sql<number>`(select ${atLeast0(sql`${groupsMax} - coalesce(sum(groups), 0)`)} from registries where appid = ${appid})`,
    )
    .executeTakeFirst();
  if (full !== undefined && (beyond === undefined || full.key < beyond.key)) {
    return { refusal: 'tooManyPersons', groupId: full.value };
  }
  return beyond && { refusal: 'tooManyGroups', groupId: beyond.value };
}

/** Adds one member to each of the groups that exist, have room and do not have the person yet. Returns how many those are. */
async function incrementMembers(scope: Scope, personId: string, list: string, membersMax: number): Promise<number> {
  const { numUpdatedRows } = await scope.db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '+', 1) }))
    .where('appid', '=', scope.appid)
    .where('group_id', 'in', idsIn(scope, list))
    .where('members', '<', membersMax)
    .where(({ not, exists }) => not(exists(membershipOf(scope, personId, 'groups.group_id'))))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Makes those of the groups that are not there, of one member each. Answers how many. */
async function createGroups(scope: Scope, list: string, groupsMax: number): Promise<number> {
  const { db, appid } = scope;
  const last = db.selectFrom('groups').select(nextOrdinal('ordinal').as('next')).where('appid', '=', appid);
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('groups')
    .columns(['appid', 'group_id', 'ordinal', 'members'])
    .expression(
      db
        .selectFrom(asked(list))
        .select((eb) => [eb.val(appid).as('appid'), 'value', eb(last, '+', eb.ref('key')).as('ordinal')])
        .select((eb) => eb.lit(1).as('members'))
        .where(({ not, exists }) => not(exists(groupCalled(scope, 'asked.value')))),
    )
    .executeTakeFirstOrThrow();
  const created = Number(numInsertedOrUpdatedRows);
  if (created > 0) await incrementGroups(scope, created, groupsMax);
  return created;
}

/** Adds to the registry's number of groups. */
async function incrementGroups({ db, appid }: Scope, groups: number, groupsMax: number): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('registries')
    .values({ appid, groups })
    .onConflict((conflict) =>
      conflict
        .column('appid')
        .doUpdateSet((eb) => ({ groups: eb('registries.groups', '+', groups) }))
        .where('registries.groups', '<=', groupsMax - groups),
    )
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw new Error('groups were made while a person joined others');
}

/** Writes the memberships that are not there. Answers how many. */
async function insertMemberships(scope: Scope, personId: string, list: string): Promise<number> {
  const { db, appid } = scope;
  const memberships = db.selectFrom('memberships').where('memberships.appid', '=', appid);
  const ofGroup = memberships
    .select(nextOrdinal('member_ordinal').as('next'))
    .where('group_id', '=', sql.ref<string>('asked.value'));
  const ofPerson = memberships.select(nextOrdinal('group_ordinal').as('next')).where('person_id', '=', personId);
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('memberships')
    .columns(['appid', 'group_id', 'person_id', 'member_ordinal', 'group_ordinal'])
    .expression(
      db
        .selectFrom(asked(list))
        .select((eb) => [eb.val(appid).as('appid'), 'value', eb.val(personId).as('person_id')])
        .select((eb) => [ofGroup.as('member_ordinal'), eb(ofPerson, '+', eb.ref('key')).as('group_ordinal')])
        .where(({ not, exists }) => not(exists(membershipOf(scope, personId, 'asked.value')))),
    )
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
}

async function decrementGroups({ db, appid }: Scope, groups: number): Promise<void> {
  await db
    .updateTable('registries')
    .set((eb) => ({ groups: eb('groups', '-', groups) }))
    .where('appid', '=', appid)
    .execute();
}

/** A JSON list's ids as a query's rows. */
function idsIn({ db }: Scope, list: string) {
  return db.selectFrom(asked(list)).select('value');
}

/** A person's membership of a group that a column of the query around it names. */
function membershipOf({ db, appid }: Scope, personId: string, groupId: string) {
  return db
    .selectFrom('memberships')
    .select('memberships.person_id')
    .where('memberships.appid', '=', appid)
    .where('memberships.group_id', '=', sql.ref<string>(groupId))
    .where('memberships.person_id', '=', personId);
}

/** A group that a column of the query around it names. */
function groupCalled({ db, appid }: Scope, groupId: string) {
  return db
    .selectFrom('groups')
    .select('groups.group_id')
    .where('groups.appid', '=', appid)
    .where('groups.group_id', '=', sql.ref<string>(groupId));
}
