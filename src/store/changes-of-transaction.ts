/** What a transaction has changed so far, and what is still to be written of it. */
import type { KeyObject } from 'node:crypto';
import type { ForeseenIds } from './audit/foreseen-ids.ts';
import type { ChainEnd } from './audit/hash.ts';
import { Touched } from './audit/touched.ts';
import { isConsequence } from './failure.ts';
import { RecordedChanges } from './feed/record.ts';
import { GrowthOfTransaction } from './growth.ts';

/**
 * Resolves when the statements that were given are on their way to the database. What is computed then does not hold them up, and
 * what is given then comes after them.
 */
export function whenSent(): Promise<void> {
  // Promises that wait for nothing are settled before: those by which a statement gets to its connection, which sends it in the tick that it asks for.
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The changes of one transaction to one registry. */
export class ChangesOfTransaction {
  /** Where the audit's chain of the appid ends, and the appid's data key. */
  readonly end: Promise<ChainEnd>;
  /** For the audit. */
  readonly touched: Touched;
  /** For the counts of the appid. */
  readonly growth = new GrowthOfTransaction();
  /** For those that follow the registry. */
  readonly recorded = new RecordedChanges();
  /** Whether any change was asked for, even if nothing came of it. */
  areAskedFor = false;
  /** A change was refused after a part of it was written: whatever is done about that, the transaction is to be undone. */
  isRefused = false;
  /** Whether it is known of a statement under way that it failed. */
  hasFailed = false;
  readonly #owed: Promise<unknown>[] = [];
  #key: Promise<KeyObject> | undefined;

  /** @param foreseen ids that it may touch. */
  constructor(end: Promise<ChainEnd>, foreseen?: ForeseenIds) {
    this.end = end;
    this.touched = new Touched(foreseen);
    end.catch(() => {});
  }

  /** The appid's data key. @param open opens it, or makes it if there is none: once. */
  key(open: (wrapped: Uint8Array | null) => Promise<KeyObject>): Promise<KeyObject> {
    this.#key ??= this.end.then(({ wrapped }) => open(wrapped));
    return this.#key;
  }

  /**
   * Leaves a statement under way on whose answer nothing depends but whether all went well: with a thread or a network between,
   * to wait for each answer takes longer than the statements.
   */
  owe(statement: Promise<unknown>): void {
    statement.catch(() => {
      this.hasFailed = true;
    });
    this.#owed.push(statement);
  }

  /**
   * Waits for what is under way, whichever fails: nothing may come after the transaction.
   * @throws the first failure that is not the consequence of another.
   */
  async settle(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#owed.splice(0));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (reasons.length > 0) throw reasons.find((reason) => !isConsequence(reason)) ?? reasons[0];
  }
}
