/** Knows what a group is: the persons in it, and nothing of its own. */
import { Refusal } from '../errors/refusals.ts';
import type { Desk } from './desk.ts';

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
