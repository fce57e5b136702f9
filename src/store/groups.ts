/** Queries for groups and memberships. A group lives as long as it has members. */
import type { JoinOutcome, Limits } from '../domain/stores.ts';
import { recordChanges } from './changes.ts';
import { nextOrdinal, type Scope } from './scope.ts';

/** Ids that one statement asks for; SQLite takes 32,766 parameters. */
const idsPerStatement = 1_000;

/** Makes a person a member of a group, which is made if there is none. The person must exist. */
export async function joinGroup(scope: Scope, personId: string, groupId: string, limits: Limits): Promise<JoinOutcome> {
  const joins =
    (await incrementMembers(scope, personId, groupId, limits.personsPerGroupMax)) ||
    (await createGroup(scope, groupId, limits.groupsMax));
  if (!joins) return joinRefusal(scope, personId, groupId);
  await insertMembership(scope, personId, groupId);
  await recordChanges(scope, [{ kind: 'joinGroup', personId, groupId }]);
  return 'joined';
}

/** Ends a person's membership of a group, which ends with its last member. False if there was none. */
export async function leaveGroup(scope: Scope, personId: string, groupId: string): Promise<boolean> {
  if (!(await endMemberships(scope, personId, groupId))) return false;
  await recordChanges(scope, [{ kind: 'leaveGroup', personId, groupId }]);
  return true;
}

/** Ends a person's membership of one group, or of all, without telling the feed. False if there was none. */
export async function endMemberships(scope: Scope, personId: string, groupId?: string): Promise<boolean> {
  const { db, appid } = scope;
  const left = db
    .selectFrom('memberships')
    .select('group_id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .$if(groupId !== undefined, (query) => query.where('group_id', '=', groupId as string));
  const { numUpdatedRows } = await db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '-', 1) }))
    .where('appid', '=', appid)
    .where('group_id', 'in', left)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  // The membership of a group that ends goes with it through its foreign key.
  const ended = await db
    .deleteFrom('groups')
    .where('appid', '=', appid)
    .where('group_id', 'in', left)
    .where('members', '=', 0)
    .executeTakeFirstOrThrow();
  if (ended.numDeletedRows > 0n) await decrementGroups(scope, Number(ended.numDeletedRows));
  await db
    .deleteFrom('memberships')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .$if(groupId !== undefined, (query) => query.where('group_id', '=', groupId as string))
    .execute();
  return true;
}

/** The groups of a person, in the order of joining. */
export async function groupsOf({ db, appid }: Scope, personId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('memberships')
    .select('group_id')
    .where('appid', '=', appid)
    .where('person_id', '=', personId)
    .orderBy('group_ordinal')
    .execute();
  return rows.map((row) => row.group_id);
}

/** Whether there is any of the groups. */
export async function hasAnyGroup({ db, appid }: Scope, groupIds: readonly string[]): Promise<boolean> {
  for (let i = 0; i < groupIds.length; i += idsPerStatement) {
    const found = await db
      .selectFrom('groups')
      .select('group_id')
      .where('appid', '=', appid)
      .where('group_id', 'in', groupIds.slice(i, i + idsPerStatement))
      .limit(1)
      .executeTakeFirst();
    if (found !== undefined) return true;
  }
  return false;
}

/** Every group, in the order of creation. */
export async function groups({ db, appid }: Scope): Promise<readonly string[]> {
  const rows = await db.selectFrom('groups').select('group_id').where('appid', '=', appid).orderBy('ordinal').execute();
  return rows.map((row) => row.group_id);
}

/** The members of a group, in the order of joining; undefined if there is no such group. */
export async function membersOf({ db, appid }: Scope, groupId: string): Promise<readonly string[] | undefined> {
  const rows = await db
    .selectFrom('memberships')
    .select('person_id')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .orderBy('member_ordinal')
    .execute();
  return rows.length === 0 ? undefined : rows.map((row) => row.person_id);
}

/** Counts a person into a group that is there and has room; false, and nothing written, otherwise. */
async function incrementMembers(
  { db, appid }: Scope,
  personId: string,
  groupId: string,
  membersMax: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '+', 1) }))
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .where('members', '<', membersMax)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('memberships')
            .select('person_id')
            .where('appid', '=', appid)
            .where('group_id', '=', groupId)
            .where('person_id', '=', personId),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Makes a group of one member; false, and nothing written, if it is there already or there are too many. */
async function createGroup({ db, appid }: Scope, groupId: string, groupsMax: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('registries')
    .columns(['appid', 'groups'])
    .expression((eb) =>
      db
        .selectNoFrom([eb.val(appid).as('appid'), eb.lit(1).as('groups')])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(selectFrom('groups').select('group_id').where('appid', '=', appid).where('group_id', '=', groupId)),
          ),
        ),
    )
    .onConflict((conflict) =>
      conflict
        .column('appid')
        .doUpdateSet((eb) => ({ groups: eb('registries.groups', '+', 1) }))
        .where('registries.groups', '<', groupsMax),
    )
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  const last = db.selectFrom('groups').select(nextOrdinal('ordinal').as('next')).where('appid', '=', appid);
  await db.insertInto('groups').values({ appid, group_id: groupId, ordinal: last, members: 1 }).execute();
  return true;
}

async function insertMembership({ db, appid }: Scope, personId: string, groupId: string): Promise<void> {
  const memberships = db.selectFrom('memberships').where('appid', '=', appid);
  await db
    .insertInto('memberships')
    .values({
      appid,
      group_id: groupId,
      person_id: personId,
      member_ordinal: memberships.select(nextOrdinal('member_ordinal').as('next')).where('group_id', '=', groupId),
      group_ordinal: memberships.select(nextOrdinal('group_ordinal').as('next')).where('person_id', '=', personId),
    })
    .execute();
}

async function decrementGroups({ db, appid }: Scope, groups: number): Promise<void> {
  await db
    .updateTable('registries')
    .set((eb) => ({ groups: eb('groups', '-', groups) }))
    .where('appid', '=', appid)
    .execute();
}

async function joinRefusal({ db, appid }: Scope, personId: string, groupId: string): Promise<JoinOutcome> {
  const group = await db
    .selectFrom('groups')
    .leftJoin('memberships', (join) =>
      join
        .onRef('memberships.appid', '=', 'groups.appid')
        .onRef('memberships.group_id', '=', 'groups.group_id')
        .on('memberships.person_id', '=', personId),
    )
    .select('memberships.person_id as member')
    .where('groups.appid', '=', appid)
    .where('groups.group_id', '=', groupId)
    .executeTakeFirst();
  if (group === undefined) return 'tooManyGroups';
  return group.member === null ? 'tooManyPersons' : 'already';
}
