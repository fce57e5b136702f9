/** Queries for groups and memberships. A group lives as long as it has members. */
import type { Kysely } from 'kysely';
import type { IdList } from '../domain/stores.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { prepareIds, unlessEmpty } from './id-lists.ts';
import { prepare, prepareWrite } from './prepared.ts';
import type { ChangingScope, PersonKey, Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** Groups that are named for a person. */
export interface Asking extends PersonKey {
  /** Their ids, as JSON. */
  readonly list: string;
}

/** Ends a person's memberships of groups, which end with their last member. Answers how many there were. */
export async function leaveGroups(
  scope: ChangingScope,
  personId: string,
  groupIds: readonly string[],
): Promise<number> {
  const left = await endMemberships(scope, personId, JSON.stringify(groupIds));
  if (left > 0) scope.changes.recorded.add([{ kind: 'leaveGroups', personId, groupIds }]);
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
export function idsIn(db: Kysely<Tables>, list: string) {
  return db.selectFrom(dialectOf(db).asked(list)).select('value');
}
