/** Knows how the main thread reaches the thread that writes, and keeps one transaction from meddling with another. */
import { Worker } from 'node:worker_threads';
import { type CompiledQuery, type DatabaseConnection, DeleteQueryNode, type Driver, type QueryResult } from 'kysely';
import type { SqlResult, SqlValue } from './connection.ts';
import type { Answer, Order, Work, WriterOptions } from './messages.ts';

/** The thread that writes, as the main thread sees it. */
export class WriterThread {
  readonly #worker: Worker;
  readonly #outstanding = new Map<number, PromiseWithResolvers<SqlResult>>();
  #lastId = 0;
  #failure: { readonly error: unknown } | undefined;

  private constructor(options: WriterOptions) {
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread that writes has ended')));
  }

  /**
   * Starts the thread.
   * @throws what SQLite says if the file cannot be opened or is no database.
   */
  static async open(options: WriterOptions): Promise<WriterThread> {
    const thread = new WriterThread(options);
    await thread.perform({ kind: 'rollback' });
    return thread;
  }

  /** Throws if the thread is gone, and with it every chance to write. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Has work done, in the order of the calls. Rejects, whatever happens to the thread, rather than wait for ever. */
  async perform(work: Work): Promise<SqlResult> {
    this.check();
    const order: Order = { id: ++this.#lastId, work };
    const outstanding = Promise.withResolvers<SqlResult>();
    this.#outstanding.set(order.id, outstanding);
    this.#worker.postMessage(order);
    return outstanding.promise;
  }

  /** Closes the database and waits until the thread has ended. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.perform({ kind: 'close' });
    await ended;
  }

  #settle(answer: Answer): void {
    const outstanding = this.#outstanding.get(answer.id);
    this.#outstanding.delete(answer.id);
    if ('fault' in answer) outstanding?.reject(Object.assign(new Error(answer.fault.message), answer.fault));
    else outstanding?.resolve(answer.result);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#outstanding.values()) reject(error);
    this.#outstanding.clear();
  }
}

/** Kysely's way to the thread that writes; Kysely itself sees to it that one connection at a time is given out. */
export class WriterDriver implements Driver {
  readonly #thread: WriterThread;

  constructor(thread: WriterThread) {
    this.#thread = thread;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Lease> {
    return new Lease(this.#thread);
  }

  async beginTransaction(lease: Lease): Promise<void> {
    await lease.begin();
  }

  async commitTransaction(lease: Lease): Promise<void> {
    await lease.commit();
  }

  async rollbackTransaction(lease: Lease): Promise<void> {
    await lease.rollback();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#thread.close();
  }
}

/**
 * The connection while one transaction has it. A statement that comes after the end is refused, since it would be part
 * of somebody else's transaction; so is one that comes after a failure, since SQLite may have rolled back already.
 */
class Lease implements DatabaseConnection {
  readonly #thread: WriterThread;
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(thread: WriterThread) {
    this.#thread = thread;
  }

  async executeQuery<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    this.#refuseIfOver();
    const erases = DeleteQueryNode.is(query);
    try {
      const done = await this.#thread.perform({
        kind: 'run',
        sql,
        parameters: parameters as readonly SqlValue[],
        erases,
      });
      return { rows: done.rows as R[], numAffectedRows: BigInt(done.changes) };
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }

  async begin(): Promise<void> {
    await this.#thread.perform(statement('begin immediate'));
  }

  async commit(): Promise<void> {
    this.#refuseIfOver();
    this.#ended = true;
    await this.#thread.perform(statement('commit'));
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    await this.#thread.perform({ kind: 'rollback' });
  }

  #refuseIfOver(): void {
    if (this.#ended) throw new Error('the transaction has ended');
    if (this.#failure !== undefined) throw new Error('a statement of the transaction has failed', this.#failure);
  }
}

function statement(sql: string): Work {
  return { kind: 'run', sql, parameters: [], erases: false };
}
