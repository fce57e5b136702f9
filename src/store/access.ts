/** Three ways to the database: directly, within a transaction, or within a snapshot. */
import type { Kysely } from 'kysely';
import { byTime } from '../concurrency/fairness.ts';
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts';
import { ModelsMissing } from '../errors/models-missing.ts';
import { Refusal } from '../errors/refusals.ts';
import { type Database, inTime, type Transactions } from './database.ts';
import { type Dialect, dialectOf } from './dialects/dialect.ts';
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
  const { lockRegistry } = dialectOf(database.writer);
  const parts = { database, transactions, timeoutMs, longReads, lockRegistry };
  return (appid) => new DirectAccess(appid, parts);
}

/** What the access of each appid works with. */
interface DirectParts {
  readonly database: Database;
  readonly transactions: Transactions;
  readonly timeoutMs: number;
  readonly longReads: Semaphore;
  readonly lockRegistry: Dialect['lockRegistry'];
}

/** The access of an appid; one is made for each call. */
class DirectAccess implements Access {
  readonly #appid: string | undefined;
  readonly #parts: DirectParts;

  constructor(appid: string | undefined, parts: DirectParts) {
    this.#appid = appid;
    this.#parts = parts;
  }

  async query<T>(queries: Queries<T>): Promise<T> {
    const { reader, listMax } = this.#parts.database;
    try {
      return await queries(reader, listMax);
    } catch (error) {
      if (error instanceof LongList) return orStorageFailed(this.#readBeside(queries));
      throw storageFailure(error);
    }
  }

  change<T>(queries: Queries<T>): Promise<T> {
    return orStorageFailed(this.#inTransaction((trx) => queries(trx)));
  }

  write<T>(work: Work<T>): Promise<T> {
    return settling((fate) =>
      this.#inTransaction(
        async (trx) => {
          const result = await fate.of(work(transactionAccess(trx, fate)));
          // A nested write may have failed and been caught; its part cannot be told from the rest, so all of it goes.
          fate.rethrow();
          return result;
        },
        () => fate.begin(),
      ),
    );
  }

  async read<T>(work: Work<T>): Promise<T> {
    const { reader, listMax } = this.#parts.database;
    const inSnapshot: Queries<T> = (db, most) =>
      settling((fate) =>
        db
          .transaction()
          .setIsolationLevel('repeatable read')
          .execute((trx) => inTime(fate.of(work(snapshotAccess(trx, most))), this.#parts.timeoutMs)),
      );
    try {
      return await inSnapshot(reader, listMax);
    } catch (error) {
      if (!(error instanceof LongList)) throw error;
      return this.#readBeside(inSnapshot);
    }
  }

  /** Reads again, in another thread, where a list turned out to be long. Only reads may be repeated so. */
  async #readBeside<T>(read: Queries<T>): Promise<T> {
    const { longReads, database } = this.#parts;
    using _turn = await longReads.acquire(undefined, this.#appid);
    return await read(database.beside);
  }

  #inTransaction<T>(work: (trx: Kysely<Tables>) => Promise<T>, onBegun?: () => void): Promise<T> {
    const { transactions, lockRegistry } = this.#parts;
    const run = async (trx: Kysely<Tables>): Promise<T> => {
      onBegun?.();
      if (this.#appid !== undefined) await lockRegistry?.(trx, this.#appid);
      return work(trx);
    };
    return transactions.run(run, this.#appid);
  }
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

/** Reads what is long, over a handle that only reads and is closed afterwards. Failures as of {@link Access}. */
export type ReadInBulk = <T>(read: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;

/** @returns what reads apart from the other handles of a database, however long it takes. */
export function readInBulk(database: Pick<Database, 'openBulk'>): ReadInBulk {
  return (read) => {
    const bulk = database.openBulk();
    return orStorageFailed(read(bulk)).finally(() => bulk.destroy());
  };
}

function storageFailure(cause: unknown): Error {
  const isOurs = cause instanceof Refusal || cause instanceof ModelsMissing || cause instanceof LongList;
  return isOurs ? cause : new Refusal('storageFailed', '', { cause });
}
