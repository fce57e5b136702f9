/** The interface that queries use, whichever database is behind it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CompiledQuery, Kysely, Transaction } from 'kysely';
import type { RateLeases } from '../concurrency/call-rates.ts';
import { byTime } from '../concurrency/fairness.ts';
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import type { CallTables, Tables } from './tables.ts';
import type { VectorSwitch } from './vectors.ts';

/** Tables that are written together. Two handles, since SQLite is read and written in different threads. */
export interface Handles<T> extends AsyncDisposable {
  /** Whatever is committed is seen at once. */
  readonly reader: Kysely<T>;
  /** Runs transactions, so many at a time. */
  readonly writer: Kysely<T>;
  readonly writersMax: number;
  /** Runs statements in one transaction, of which nobody waits for what a statement says; resolves when it is durable. */
  commit(queries: readonly CompiledQuery[]): Promise<void>;
  /** @throws Error that tells the operator why nothing can be written. */
  check(): Promise<void>;
  /**
   * Takes the failure of a transaction. True if the transaction may run once more: because the disk is full, for which there
   * is a reserve, or because other transactions were in its way.
   * @param attempt how often it has run.
   */
  mayRetry(error: unknown, attempt: number): boolean | Promise<boolean>;
}

/** What a server tells the others of itself. */
export interface ServerSelf {
  readonly version: string;
  /** The memory of its main process, the index included. */
  readonly processBytes: number;
  /** The memory of its index, and the faces in it. */
  readonly indexBytes: number;
  readonly indexFaces: number;
}

/** A server that shares a database, as the others see it. */
export interface ServerSeen {
  readonly id: string;
  /** What it told with its last sign; undefined before it is ready, and of an older version. */
  readonly self: ServerSelf | undefined;
  /** The registries that it follows. */
  readonly galleries: number;
  /** The changes of those that it has noted to have seen, which it does each minute, and how many it has not. */
  readonly changesSeen: number;
  readonly changesBehind: number;
  /** When it last said that it is alive, in milliseconds since 1970 by the clock of the database. */
  readonly seenAt: number;
  readonly isThis: boolean;
}

/** The servers that follow the change feeds of a database. */
export interface Followers {
  /** Notes that this server has seen the changes of a registry up to a position: those after it are kept for it. */
  note(appid: string, position: number): Promise<void>;
  /** The position up to which no server needs the changes of a registry any more: the given one, or an earlier one. */
  neededAfter(appid: string, position: number): Promise<number>;
  /** Has the other servers look at a registry soon, which this one has changed. */
  wake(appid: string): void;
  /** Calls `listener` with each registry that another server has changed. */
  onWake(listener: (appid: string) => void): void;
  /** Has what a server tells of itself go with each sign that it is alive. */
  tellOfSelf(self: () => ServerSelf): void;
  /** Those that are alive, the one that was seen last at the front. */
  servers(): Promise<readonly ServerSeen[]>;
}

/** Where a database is. */
export type DatabaseSource =
  | { readonly kind: 'sqlite'; readonly file: string }
  /** The url may hold a password. */
  | { readonly kind: 'postgres'; readonly url: string };

/** An open database. */
export interface Database extends Handles<Tables> {
  /** Written beside the rest: a transaction of one waits for none of the other. */
  readonly calls: Handles<CallTables>;
  /** The longest list that may be read with the reader; undefined if any list may be. */
  readonly listMax: number | undefined;
  /** Reads apart from the reader, one snapshot at a time: for what is long. */
  readonly beside: Kysely<Tables>;
  /**
   * A number that is another one whenever a key, an appid, a bucket or where the register is has been changed since it was asked for, by
   * whichever process: what was read of them after it was asked for holds as long as it stays. Where others write from other
   * machines, it is another one after half a second, too, and tells of their writes by that alone.
   */
  version(): number | Promise<number>;
  /** What this server is called among those that count calls in the same database; empty if one counts at a time anyway. */
  readonly node: string;
  /** Whether appids are divided among several machines. */
  readonly isDivided: boolean;
  /** The connections that are kept open; none where the database is a file. */
  pools(): readonly PoolState[];
  /** Those that follow the feeds; undefined where they are not known, and changes are kept for a while instead. */
  readonly followers: Followers | undefined;
  /**
   * In a transaction, until whose end none starts: throws an Error for the operator if other servers use the database. Undefined
   * where servers do not know of each other.
   */
  readonly refuseServers: ((trx: Kysely<Tables>) => Promise<void>) | undefined;
  /** Counts the calls of a second for all servers; undefined where they do not know of each other. */
  readonly callRates: RateLeases | undefined;
  /**
   * Makes connections with another url from now on, which differs in nothing but the password. @returns false, and nothing is
   * changed, if it differs in more. Undefined where there is no url.
   */
  readonly renewUrl: ((url: string) => boolean) | undefined;
  /** Deletes all changes from the feeds, if no other process has the database open and might follow them. */
  forgetChanges(): Promise<void>;
  /**
   * Where another thread finds the same rows.
   * @throws Error with a message for the operator if the database is no longer where it was.
   */
  source(): DatabaseSource;
  /** What switches vectors on and off; undefined where the database cannot search them. */
  vectorSwitch(dataKeys: Pick<DataKeys, 'open'>): VectorSwitch | undefined;
  /** Opens another handle that only reads, apart from the others, for long reads. The caller destroys it. */
  openBulk(): Kysely<Tables>;
}

/** Connections that are kept open for one purpose. */
export interface PoolState {
  readonly name: string;
  readonly busy: number;
  readonly idle: number;
  /** How many wait for one. */
  readonly waiting: number;
}

/** What transactions are told of when they are over, well or not: how long they waited for their turn and took, in milliseconds. */
export type OnTransaction = (waitMs: number, ms: number) => void;

/** What transactions are run on. */
type TransactionHandles<T> = Pick<Handles<T>, 'writer' | 'writersMax' | 'commit' | 'mayRetry'>;

/**
 * Runs write transactions, so that each ends in time and none waits for the one that waits for it. Those of one appid wait for
 * each other; of the appids that wait, the one that wrote for the least time of late is next.
 */
export class Transactions<T = Tables> {
  readonly #handles: TransactionHandles<T>;
  readonly #timeoutMs: number;
  readonly #around = new AsyncLocalStorage<{ ended: boolean }>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #turns: Semaphore;
  #closed = false;
  /** How many have their turn. */
  #inProgress = 0;
  /** Told of each transaction that is over. */
  onTransaction: OnTransaction = () => {};

  /** @param timeoutMs how long a transaction may stay open before it is rolled back, in milliseconds. */
  constructor(handles: TransactionHandles<T>, timeoutMs: number) {
    this.#handles = handles;
    this.#timeoutMs = timeoutMs;
    this.#turns = createSemaphore(handles.writersMax, Number.POSITIVE_INFINITY, 1, byTime());
  }

  /**
   * Runs `work` in a transaction; resolves when it is durable. After a failure that may pass, `work` runs once more: what it
   * did before is undone.
   * @param appid whose turn it takes; what belongs to none takes turns with them.
   * @throws Error within the work of another transaction, which it would wait for for ever.
   */
  run<R>(work: (trx: Transaction<T>) => Promise<R>, appid?: string): Promise<R> {
    return this.#begin(() => this.#run(work), appid);
  }

  /**
   * Runs statements in a transaction; resolves when it is durable.
   * @param appid as in {@link run}.
   * @throws Error as {@link run} does.
   */
  commit(queries: readonly CompiledQuery[], appid?: string): Promise<void> {
    return this.#begin(() => this.#handles.commit(queries), appid);
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#running.size - this.#inProgress;
  }

  /** Refuses new transactions, and waits for those that have begun. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async #begin<R>(transaction: () => Promise<R>, appid?: string): Promise<R> {
    if (this.#closed) throw new Error('the store is closed');
    if (this.#around.getStore()?.ended === false) {
      throw new Error('a transaction was asked for within another: use the store that the outer one hands over');
    }
    const running = this.#inTurn(transaction, appid);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #inTurn<R>(transaction: () => Promise<R>, appid: string | undefined): Promise<R> {
    const asked = performance.now();
    using _turn = await this.#turns.acquire(undefined, appid);
    const begun = performance.now();
    this.#inProgress += 1;
    try {
      return await this.#retried(transaction);
    } finally {
      this.#inProgress -= 1;
      this.onTransaction(begun - asked, performance.now() - begun);
    }
  }

  async #retried<R>(transaction: () => Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction();
      } catch (error) {
        // On a full disk, a deletion then finds room, and anything else is refused at its first statement.
        if (!(await this.#handles.mayRetry(error, attempt))) throw error;
      }
    }
  }

  async #run<R>(work: (trx: Transaction<T>) => Promise<R>): Promise<R> {
    const here = { ended: false };
    try {
      return await this.#handles.writer
        .transaction()
        .execute((trx) => this.#around.run(here, () => inTime(work(trx), this.#timeoutMs)));
    } finally {
      here.ended = true;
    }
  }
}

/** Rejects if the work of a transaction is not done in time, in milliseconds. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`a transaction was open for ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
