/** Counts calls: many counts in few transactions. */
import type { Kysely } from 'kysely';
import type { CountedCall, UsageLedger, UsageRow } from '../domain/stores.ts';
import type { Transactions } from './database.ts';
import { compileOnce } from './prepared.ts';
import type { CallTables, UsageCountRow } from './tables.ts';

/** Counts that will be committed together. */
interface Batch {
  readonly counts: Counts;
  /** Settles with the transaction. */
  readonly durable: Promise<void>;
}

/** The usage of every appid. Failures of the database are thrown as they are. */
export class Ledger implements UsageLedger {
  readonly #reader: Kysely<CallTables>;
  readonly #transactions: Transactions<CallTables>;
  #gathering: Batch | undefined;
  #lastCommit: Promise<void> = Promise.resolve();

  constructor(reader: Kysely<CallTables>, transactions: Transactions<CallTables>) {
    this.#reader = reader;
    this.#transactions = transactions;
  }

  /** Counts that come while a transaction is under way go into the next one. */
  async count(call: CountedCall): Promise<void> {
    this.#gathering ??= this.#gather();
    this.#gathering.counts.add(call);
    await this.#gathering.durable;
  }

  report(month: string, appid?: string): Promise<readonly UsageRow[]> {
    return reportUsage(this.#reader, month, appid);
  }

  /** Waits until every count so far is durable or has failed. */
  async settle(): Promise<void> {
    await this.#lastCommit;
  }

  #gather(): Batch {
    const counts = new Counts();
    const durable = this.#lastCommit.then(() => {
      this.#gathering = undefined;
      return this.#transactions.commit(counts.rows().map((row) => addQuery(this.#reader, row)));
    });
    this.#lastCommit = durable.catch(() => {});
    return { counts, durable };
  }
}

/** The counts of a month, of one appid or of all; sorted by appid, then endpoint. */
export function reportUsage(db: Kysely<CallTables>, month: string, appid?: string): Promise<readonly UsageRow[]> {
  return db
    .selectFrom('usage')
    .select(['appid', 'month', 'endpoint', 'ok', 'failed', 'pictures', 'faces'])
    .where('month', '=', month)
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid as string))
    .orderBy('appid')
    .orderBy('endpoint')
    .execute();
}

/** Calls added up by appid, month and endpoint. */
class Counts {
  readonly #rows = new Map<string, UsageCountRow>();

  add({ appid, month, endpoint, ok, pictures, faces }: CountedCall): void {
    const key = JSON.stringify([appid, month, endpoint]);
    const row = this.#rows.get(key) ?? { appid, month, endpoint, ok: 0, failed: 0, pictures: 0, faces: 0 };
    this.#rows.set(key, row);
    row[ok ? 'ok' : 'failed'] += 1;
    row.pictures += pictures;
    row.faces += faces;
  }

  rows(): UsageCountRow[] {
    return [...this.#rows.values()];
  }
}

/** The same statement for each row: however many there are, it is prepared once. */
const addQuery = compileOnce(
  (db: Kysely<CallTables>, { appid, month, endpoint, ok, failed, pictures, faces }: UsageCountRow) =>
    db
      .insertInto('usage')
      .values({ appid, month, endpoint, ok, failed, pictures, faces })
      .onConflict((conflict) =>
        conflict.columns(['appid', 'month', 'endpoint']).doUpdateSet((eb) => ({
          ok: eb('usage.ok', '+', eb.ref('excluded.ok')),
          failed: eb('usage.failed', '+', eb.ref('excluded.failed')),
          pictures: eb('usage.pictures', '+', eb.ref('excluded.pictures')),
          faces: eb('usage.faces', '+', eb.ref('excluded.faces')),
        })),
      ),
);
