/** Ends a group that has many members, some of them at a time. */
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import type { ChangingScope } from './scope.ts';

/** Members that leave in one transaction: so many that others wait for some hundredths of a second. */
export const membersPerEmptying = 200;

/**
 * Has some members leave a group, in a transaction; it ends with its last one. The number of statements does not depend on theirs.
 * @returns how many left: fewer than {@link membersPerEmptying} if these were all.
 */
export async function emptySome({ db, appid, changes }: ChangingScope, groupId: string): Promise<number> {
  const rows = await db
    .selectFrom('memberships')
    .select('person_id')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .orderBy('member_ordinal')
    .limit(constant(membersPerEmptying))
    .execute();
  if (rows.length === 0) return 0;
  const personIds = rows.map(({ person_id }) => person_id);
  await db
    .deleteFrom('memberships')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .where('person_id', 'in', db.selectFrom(dialectOf(db).asked(JSON.stringify(personIds))).select('value'))
    .execute();
  await db
    .updateTable('groups')
    .set((eb) => ({ members: eb('members', '-', rows.length) }))
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .execute();
  const ended = await db
    .deleteFrom('groups')
    .where('appid', '=', appid)
    .where('group_id', '=', groupId)
    .where('members', '=', 0)
    .executeTakeFirstOrThrow();
  if (ended.numDeletedRows > 0n) {
    await db
      .updateTable('registries')
      .set((eb) => ({ groups: eb('groups', '-', 1) }))
      .where('appid', '=', appid)
      .execute();
  }
  changes.recorded.add(personIds.map((personId) => ({ kind: 'leaveGroups', personId, groupIds: [groupId] })));
  for (const personId of personIds) changes.touched.reduce(personId, [], [groupId]);
  return rows.length;
}
