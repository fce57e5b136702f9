/** Makes persons members of groups. */
import { type Kysely, sql } from 'kysely';
import type { JoinOutcome, Limits } from '../domain/stores.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { type Asking, idsIn } from './groups.ts';
import { prepare, prepareWrite } from './prepared.ts';
import { type ChangingScope, nextOrdinal, type PersonKey, type Scope } from './scope.ts';
import type { Tables } from './tables.ts';

/** A person who is to join groups. */
interface Joining {
  readonly personId: string;
  readonly groupIds: readonly string[];
  readonly limits: Limits;
}

/**
 * Makes a person a member of groups, all of them or none; those that are not there are created. The person must exist,
 * and the ids must differ. The number of statements does not depend on the number of groups.
 */
export async function joinGroups(
  scope: ChangingScope,
  personId: string,
  groupIds: readonly string[],
  limits: Limits,
): Promise<JoinOutcome> {
  const refusal = await firstRefusal(scope, { personId, groupIds, limits });
  return refusal ?? { joined: await join(scope, { personId, groupIds, limits }) };
}

/** As {@link joinGroups}, but a part of what is refused is written: the transaction is to be undone then. */
export async function joinGroupsAtOnce(
  scope: ChangingScope,
  personId: string,
  groupIds: readonly string[],
  limits: Limits,
): Promise<JoinOutcome> {
  const refusing = firstRefusal(scope, { personId, groupIds, limits });
  const joining = join(scope, { personId, groupIds, limits });
  await Promise.allSettled([refusing, joining]);
  return (await refusing) ?? { joined: await joining };
}

/** Writes memberships. Answers how many are new. @throws Error if a limit is in the way. */
async function join(scope: ChangingScope, { personId, groupIds, limits }: Joining): Promise<number> {
  const { db, appid } = scope;
  const asking = { appid, personId, list: JSON.stringify(groupIds) };
  const told = scope.changes.recorded.reserve();
  // Statements run in the order in which they are given; none of these waits for what another one says.
  const [grown, created, joined] = await Promise.all([
    incrementMembers(db, { ...asking, membersMax: limits.personsPerGroupMax }),
    insertGroups(db, asking),
    insertMemberships(db, asking),
  ]);
  // Each statement holds to the limits by itself: without a lock, others may have written since the first one.
  if (joined !== grown + created) throw new Error('the groups were changed while a person joined them');
  if (created > 0) await incrementGroups(db, { appid, groups: created, before: limits.groupsMax - created });
  if (joined > 0) told.push({ kind: 'joinGroups', personId, groupIds });
  return joined;
}

/** The first of the groups, in their order, that a limit keeps the person out of. */
async function firstRefusal(
  { db, appid }: Scope,
  { personId, groupIds, limits: { personsPerGroupMax, groupsMax } }: Joining,
): Promise<Extract<JoinOutcome, { refusal: string }> | undefined> {
  const asking = { appid, personId, list: JSON.stringify(groupIds) };
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
