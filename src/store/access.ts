/** Three ways to the database: directly, within a transaction, or within a snapshot. */
import type { Kysely } from 'kysely';
import { byTime } from '../concurrency/fairness.ts';
import { createSemaphore } from '../concurrency/semaphore.ts';
import { Refusal } from '../errors/refusals.ts';
import { type Database, inTime, type Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { LongList } from './id-lists.ts';
import type { Tables } from './tables.ts';

/** What runs over a handle of the database; a list longer than `listMax` is not for the thread that it is read on. */
export type Queries<T> = (db: Kysely<Tables>, listMax?: number) => Promise<T>;

/** What a caller runs in a transaction or over a snapshot, where an access of its own leads. */
export type Work<T> = (inner: Access) => Promise<T>;

/** One way to the database. Its failures come as Refusal `storageFailed`, with what the database said as their cause. */
export interface Access {
  /** Runs queries that only read. */
  query<T>(queries: Queries<T>): Promise<T>;
  /** Runs queries that write, all or none of them. */
  change<T>(queries: Queries<T>): Promise<T>;
  /** Runs a caller's work in one write transaction; what it throws undoes all of it and is rethrown. */
  write<T>(work: Work<T>): Promise<T>;
  /** Runs a caller's work over one unchanging snapshot. */
  read<T>(work: Work<T>): Promise<T>;
}

/**
 * Outside any transaction: each read sees what is committed, each change is a transaction of its own. Appids take turns at
 * transactions and at long reads.
 * @param timeoutMs how long a snapshot may be held, in milliseconds.
 * @returns the access of an appid, or of none.
 */
export function directAccess(
  database: Database,
  transactions: Transactions,
  timeoutMs: number,
): (appid?: string) => Access {
  const longReads = createSemaphore(1, Number.POSITIVE_INFINITY, 1, byTime());
  /** Reads on this thread; if a list turns out to be long, reads again in another thread. Only reads may be repeated so. */
  const orBeside = async <T>(appid: string | undefined, read: Queries<T>): Promise<T> => {
    try {
      return await read(database.reader, database.listMax);
    } catch (error) {
      if (!(error instanceof LongList)) throw error;
      using _turn = await longReads.acquire(undefined, appid);
      return await read(database.beside);
    }
  };
  const { lockRegistry } = dialectOf(database.writer);
  const locked = async <T>(appid: string | undefined, trx: Kysely<Tables>, work: () => Promise<T>): Promise<T> => {
    if (appid !== undefined) await lockRegistry?.(trx, appid);
    return work();
  };
  return (appid) => ({
    query: (queries) => orStorageFailed(orBeside(appid, queries)),
    change: (queries) => orStorageFailed(transactions.run((trx) => locked(appid, trx, () => queries(trx)), appid)),
    write: (work) =>
      settling((fate) =>
        transactions.run(async (trx) => {
          fate.begin();
          const result = await locked(appid, trx, () => fate.of(work(transactionAccess(trx, fate))));
          // A nested write may have failed and been caught; its part cannot be told from the rest, so all of it goes.
          fate.rethrow();
          return result;
        }, appid),
      ),
    read: (work) =>
      orBeside(appid, (db, listMax) =>
        settling((fate) =>
          db
            .transaction()
            .setIsolationLevel('repeatable read')
            .execute((trx) => inTime(fate.of(work(snapshotAccess(trx, listMax))), timeoutMs)),
        ),
      ),
  });
}

/** Within a write transaction; a write within it joins it. */
function transactionAccess(db: Kysely<Tables>, fate: WorkOutcome): Access {
  const access: Access = {
    query: (queries) => orStorageFailed(queries(db)),
    change: (queries) => orStorageFailed(queries(db)),
    write: (work) => fate.of(work(access)),
    read: (work) => work(access),
  };
  return access;
}

/** Within a snapshot. */
function snapshotAccess(db: Kysely<Tables>, listMax: number | undefined): Access {
  const access: Access = {
    query: (queries) => orStorageFailed(queries(db, listMax)),
    change: refuseToWrite,
    write: refuseToWrite,
    read: (work) => work(access),
  };
  return access;
}

async function refuseToWrite(): Promise<never> {
  throw new Error('a snapshot cannot be written to');
}

/** Distinguishes what a caller's work threw from a failure of the database. */
class WorkOutcome {
  #thrown: { readonly error: unknown } | undefined;

  /** Forgets what an earlier run of the work threw. */
  begin(): void {
    this.#thrown = undefined;
  }

  /** Follows a caller's work. */
  async of<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#thrown = { error };
      throw error;
    }
  }

  /** Throws what the work threw, if it did. */
  rethrow(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}

async function settling<T>(transaction: (fate: WorkOutcome) => Promise<T>): Promise<T> {
  const fate = new WorkOutcome();
  try {
    return await transaction(fate);
  } catch (error) {
    fate.rethrow();
    throw storageFailure(error);
  }
}

/** What queries give; what the database says of their failure becomes a Refusal's cause. */
export async function orStorageFailed<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageFailure(error);
  }
}

function storageFailure(cause: unknown): Error {
  return cause instanceof Refusal || cause instanceof LongList ? cause : new Refusal('storageFailed', '', { cause });
}
