/** Counts calls: many counts in few transactions. */
import type { Kysely } from 'kysely';
import type { CountedCall, UsageLedger, UsageRow } from '../domain/stores.ts';
import type { Transactions } from './database.ts';
import type { CallTables, Tables, UsageCountRow } from './tables.ts';
import { addCalls, countOf, reportUsage } from './usage.ts';

/** Counts that will be committed together. */
interface Batch {
  readonly counts: Counts;
  /** Settles with the transaction. */
  readonly durable: Promise<void>;
}

/**
 * The usage of every appid. Calls that write to a registry are counted there, in the transaction of what they write; this
 * counts the others. Failures of the database are thrown as they are.
 */
export class Ledger implements UsageLedger {
  readonly #reader: Kysely<CallTables>;
  readonly #registries: Kysely<Tables>;
  readonly #transactions: Transactions<CallTables>;
  #gathering: Batch | undefined;
  #lastCommit: Promise<void> = Promise.resolve();

  /** @param registries reads what is counted there. */
  constructor(reader: Kysely<CallTables>, registries: Kysely<Tables>, transactions: Transactions<CallTables>) {
    this.#reader = reader;
    this.#registries = registries;
    this.#transactions = transactions;
  }

  /** Counts that come while a transaction is under way go into the next one. */
  async count(call: CountedCall): Promise<void> {
    this.#gathering ??= this.#gather();
    this.#gathering.counts.add(call);
    await this.#gathering.durable;
  }

  report(month: string, appid?: string): Promise<readonly UsageRow[]> {
    return reportUsage(this.#reader, this.#registries, month, appid);
  }

  /** Waits until every count so far is durable or has failed. */
  async settle(): Promise<void> {
    await this.#lastCommit;
  }

  #gather(): Batch {
    const counts = new Counts();
    const durable = this.#lastCommit.then(() => {
      this.#gathering = undefined;
      return this.#transactions.commit(counts.rows().map((row) => addCalls(this.#reader, row)));
    });
    this.#lastCommit = durable.catch(() => {});
    return { counts, durable };
  }
}

/** Calls added up by appid, month and endpoint. */
class Counts {
  readonly #rows = new Map<string, UsageCountRow>();

  add(call: CountedCall): void {
    // None of them has a line feed.
    const key = `${call.appid}\n${call.month}\n${call.endpoint}`;
    const row = this.#rows.get(key);
    if (row === undefined) return void this.#rows.set(key, countOf(call));
    row[call.ok ? 'ok' : 'failed'] += 1;
    row.pictures += call.pictures;
    row.faces += call.faces;
  }

  /** In one order, so that transactions of several servers do not deadlock. */
  rows(): UsageCountRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}
