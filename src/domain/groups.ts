/** Groups: the persons in them, and nothing of their own. */
import { Refusal } from '../errors/refusals.ts';
import type { RequestContext } from './context.ts';
import { joinedUnlessFull, unknownPerson } from './persons.ts';
import type { IdList } from './stores.ts';

/**
 * Every group of the appid.
 * @throws Refusal `noGroups` if there is none.
 */
export async function listGroups(context: RequestContext): Promise<IdList> {
  const groups = await context.store.groups();
  if (groups === undefined) throw new Refusal('noGroups');
  return groups;
}

/**
 * The persons of a group.
 * @throws Refusal `groupUnknown`.
 */
export async function listMembers(context: RequestContext, groupId: string): Promise<IdList> {
  const members = await context.store.membersOf(groupId);
  if (members === undefined) throw new Refusal('groupUnknown', groupId);
  return members;
}

/** What came of changing a person's groups. */
export interface GroupChange {
  /** How many of the requested groups were joined or left. */
  readonly changed: number;
  /** All of the person's groups now, in the order of joining. */
  readonly groupIds: IdList;
}

/**
 * Makes a person a member of groups, all of them or none; those that do not exist are created.
 * @throws Refusal `personUnknown`, `tooManyGroups`, `tooManyPersons`.
 */
export async function joinGroups(
  context: Pick<RequestContext, 'store' | 'limits'>,
  personId: string,
  groupIds: readonly string[],
): Promise<GroupChange> {
  const asked = [...new Set(groupIds)];
  if (asked.length > context.limits.groupsMax) throw new Refusal('tooManyGroups');
  return context.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const changed = joinedUnlessFull(await store.joinGroups(personId, asked, context.limits));
    return { changed, groupIds: await store.groupsOf(personId) };
  });
}

/**
 * Ends a person's membership of groups; those that it is not in are ignored. A group ends with its last member.
 * @throws Refusal `personUnknown`; `groupUnknown` if the person is in none of the groups.
 */
export async function leaveGroups(
  context: Pick<RequestContext, 'store'>,
  personId: string,
  groupIds: readonly string[],
): Promise<GroupChange> {
  return context.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const changed = await store.leaveGroups(personId, groupIds);
    if (changed === 0) throw new Refusal('groupUnknown');
    return { changed, groupIds: await store.groupsOf(personId) };
  });
}
