/** Pairs of persons that an operator has said are not the same: kept as digests of their ids, so that nothing plain is left of who is erased. */
import { digestOf } from '../audit/hash.ts';
import type { DecryptingScope } from '../scope.ts';

/** Notes a pair. @returns false if it was noted before. */
export async function addPair(scope: DecryptingScope, first: string, second: string): Promise<boolean> {
  const digest = await digestIn(scope, second);
  return (await addPairs(scope, first, [digest])).length === 1;
}

/** Forgets a pair. @returns false if it was not noted. */
export async function removePair(scope: DecryptingScope, first: string, second: string): Promise<boolean> {
  const { db, appid } = scope;
  const [one, other] = ordered(await digestIn(scope, first), await digestIn(scope, second));
  const { numDeletedRows } = await db
    .deleteFrom('forbidden_pairs')
    .where('appid', '=', appid)
    .where('one', '=', one)
    .where('other', '=', other)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

/** Whether a pair is noted. */
export async function isForbidden(scope: DecryptingScope, first: string, second: string): Promise<boolean> {
  const digest = await digestIn(scope, second);
  return (await partnersOf(scope, await digestIn(scope, first))).includes(digest);
}

/** Forgets all pairs of a person. @returns the digests of the others. */
export async function takePairs(scope: DecryptingScope, personId: string): Promise<readonly string[]> {
  const { db, appid } = scope;
  const digest = await digestIn(scope, personId);
  const partners = await partnersOf(scope, digest);
  await db.deleteFrom('forbidden_pairs').where('appid', '=', appid).where('one', '=', digest).execute();
  await db.deleteFrom('forbidden_pairs').where('appid', '=', appid).where('other', '=', digest).execute();
  return partners;
}

/** Notes pairs of a person with others, of whom digests are given. @returns those that were not noted before. */
export async function addPairs(
  scope: DecryptingScope,
  personId: string,
  partners: readonly string[],
): Promise<readonly string[]> {
  const { db, appid } = scope;
  const digest = await digestIn(scope, personId);
  const added: string[] = [];
  for (const partner of partners) {
    if (partner === digest) continue;
    const [one, other] = ordered(digest, partner);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('forbidden_pairs')
      .values({ appid, one, other })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) added.push(partner);
  }
  return added;
}

/** Forgets pairs of a person with others, of whom digests are given. */
export async function removePairs(
  scope: DecryptingScope,
  personId: string,
  partners: readonly string[],
): Promise<void> {
  const { db, appid } = scope;
  const digest = await digestIn(scope, personId);
  for (const partner of partners) {
    const [one, other] = ordered(digest, partner);
    await db
      .deleteFrom('forbidden_pairs')
      .where('appid', '=', appid)
      .where('one', '=', one)
      .where('other', '=', other)
      .execute();
  }
}

async function partnersOf({ db, appid }: DecryptingScope, digest: string): Promise<readonly string[]> {
  const ofOne = await db
    .selectFrom('forbidden_pairs')
    .select('other as partner')
    .where('appid', '=', appid)
    .where('one', '=', digest)
    .execute();
  const ofOther = await db
    .selectFrom('forbidden_pairs')
    .select('one as partner')
    .where('appid', '=', appid)
    .where('other', '=', digest)
    .execute();
  return [...ofOne, ...ofOther].map(({ partner }) => partner);
}

async function digestIn({ db, appid, dataKeys }: DecryptingScope, personId: string): Promise<string> {
  return digestOf(await dataKeys.ensure(db, appid), 'persons', personId);
}

function ordered(a: string, b: string): readonly [one: string, other: string] {
  return a < b ? [a, b] : [b, a];
}
