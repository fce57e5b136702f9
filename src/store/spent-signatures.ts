/** Single-use signatures that have been used. */
import type { Kysely } from 'kysely';
import type { Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import type { CallTables } from './tables.ts';

/**
 * How long a spent signature is remembered, in seconds: 91 days. It is refused as expired 90 days after it was made, and
 * it may have been made by a clock that is 15 minutes ahead (docs/contract.md §2).
 */
const rememberedSeconds = 91 * 24 * 60 * 60;
/** How many are forgotten for each that is spent, at most: faster than they come, and in no time. */
const forgottenMax = 10;

/** The spent signatures of every appid. Failures of the database are thrown as they are. */
export class SpentSignatures {
  readonly #transactions: Transactions<CallTables>;
  readonly #now: () => number;

  /** @param now milliseconds since 1970. */
  constructor(transactions: Transactions<CallTables>, now: () => number) {
    this.#transactions = transactions;
    this.#now = now;
  }

  /** Spends a signature, durably. False if it was spent before. */
  spend(appid: string, digest: Uint8Array): Promise<boolean> {
    const now = Math.floor(this.#now() / 1000);
    return this.#transactions.run(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('spent_signatures')
        .values({ appid, digest, spent_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      await forget(db, appid, now - rememberedSeconds);
      return numInsertedOrUpdatedRows === 1n;
    }, appid);
  }
}

/** Forgets the oldest that an appid spent before some time. Those of an appid that calls no more stay until it is ended. */
async function forget(db: Kysely<CallTables>, appid: string, before: number): Promise<void> {
  await db
    .deleteFrom('spent_signatures')
    .where('appid', '=', appid)
    .where('digest', 'in', ({ selectFrom }) =>
      dialectOf(db).skipLocked(
        selectFrom('spent_signatures')
          .select('digest')
          .where('appid', '=', appid)
          .where('spent_at', '<', before)
          .orderBy('spent_at')
          .limit(constant(forgottenMax)),
      ),
    )
    .execute();
}
