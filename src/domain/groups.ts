/** Groups: the persons in them, and nothing of their own. */
import { Refusal } from '../errors/refusals.ts';
import type { Desk } from './desk.ts';
import { refuseFull, unknownPerson } from './persons.ts';

/**
 * Every group of the appid.
 * @throws Refusal `noGroups` if there is none.
 */
export async function listGroups(desk: Desk): Promise<readonly string[]> {
  const groups = await desk.store.groups();
  if (groups.length === 0) throw new Refusal('noGroups');
  return groups;
}

/**
 * The persons of a group.
 * @throws Refusal `groupUnknown`.
 */
export async function listMembers(desk: Desk, groupId: string): Promise<readonly string[]> {
  const members = await desk.store.membersOf(groupId);
  if (members === undefined) throw new Refusal('groupUnknown', groupId);
  return members;
}

/** What came of changing a person's groups. */
export interface Regrouped {
  /** How many of the groups asked for made a difference. */
  readonly changed: number;
  /** All of the person's groups now, in the order of joining. */
  readonly groupIds: readonly string[];
}

/**
 * Makes a person a member of groups, all of them or none; those that do not exist are created.
 * @throws Refusal `personUnknown`, `tooManyGroups`, `tooManyPersons`.
 */
export async function joinGroups(desk: Desk, personId: string, groupIds: readonly string[]): Promise<Regrouped> {
  const asked = [...new Set(groupIds)];
  if (asked.length > desk.limits.groupsMax) throw new Refusal('tooManyGroups');
  return desk.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    let changed = 0;
    for (const groupId of asked) {
      const joining = await store.joinGroup(personId, groupId, desk.limits);
      refuseFull(joining, groupId);
      if (joining === 'joined') changed += 1;
    }
    return { changed, groupIds: await store.groupsOf(personId) };
  });
}

/**
 * Ends a person's membership of groups; those that it is not in are passed over. A group ends with its last member.
 * @throws Refusal `personUnknown`; `groupUnknown` if the person is in none of the groups.
 */
export async function leaveGroups(desk: Desk, personId: string, groupIds: readonly string[]): Promise<Regrouped> {
  return desk.store.write(async (store) => {
    if ((await store.findPerson(personId)) === undefined) throw unknownPerson(personId);
    const theirs = new Set(await store.groupsOf(personId));
    const asked = [...new Set(groupIds)].filter((id) => theirs.has(id));
    if (asked.length === 0) throw new Refusal('groupUnknown');
    for (const groupId of asked) await store.leaveGroup(personId, groupId);
    return { changed: asked.length, groupIds: await store.groupsOf(personId) };
  });
}
