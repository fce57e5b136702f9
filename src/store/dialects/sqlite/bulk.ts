/** Reads SQLite in a thread of its own where it takes long, so that the main thread can go on. */
import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { BulkOptions } from './bulk-thread.ts';
import type { SqlRow, SqlValue } from './connection.ts';
import type { FilePlace } from './place.ts';
import { DatabaseThread } from './thread.ts';

/** Kysely's driver for a thread that only reads; the first query starts it. */
export class BulkDriver implements Driver {
  readonly #options: BulkOptions;
  readonly #place: FilePlace;
  #thread: DatabaseThread | undefined;
  #isClosed = false;

  /** @param place where the file was when it was opened for writing. */
  constructor(options: BulkOptions, place: FilePlace) {
    this.#options = options;
    this.#place = place;
  }

  async init(): Promise<void> {
    if (this.#isClosed) throw new Error('the database is closed');
    this.#place.check();
    const worker = new Worker(new URL('./bulk-thread.ts', import.meta.url), { workerData: this.#options });
    this.#thread = new DatabaseThread(worker);
  }

  async acquireConnection(): Promise<BulkConnection> {
    return new BulkConnection(this.#thread!);
  }

  async beginTransaction(connection: BulkConnection): Promise<void> {
    await connection.run('begin');
  }

  async commitTransaction(connection: BulkConnection): Promise<void> {
    await connection.run('commit');
  }

  async rollbackTransaction(connection: BulkConnection): Promise<void> {
    await connection.run('rollback');
  }

  async releaseConnection(): Promise<void> {}

  destroy(): Promise<void> {
    return this.close();
  }

  /** Ends the thread, and prevents that one is started: Kysely tells a driver of its end only if it was ever used. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.close();
  }
}

class BulkConnection implements DatabaseConnection {
  readonly #thread: DatabaseThread;

  constructor(thread: DatabaseThread) {
    this.#thread = thread;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return { rows: (await this.run(sql, parameters as readonly SqlValue[])) as R[] };
  }

  /** Runs a statement; answers its rows. */
  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return (await this.#thread.perform({ kind: 'run', sql, parameters, effect: 'reads' })).rows;
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }
}
