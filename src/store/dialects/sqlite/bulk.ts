/** Reads SQLite in a thread of its own where it takes long, so that the main thread can go on. */
import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { BulkOptions } from './bulk-thread.ts';
import type { SqlValue } from './connection.ts';
import { DatabaseThread } from './thread.ts';

/** Kysely's way to a thread that only reads, which is started by the first query. */
export class BulkDriver implements Driver {
  readonly #options: BulkOptions;
  #thread: DatabaseThread | undefined;

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    const worker = new Worker(new URL('./bulk-thread.ts', import.meta.url), { workerData: this.#options });
    this.#thread = new DatabaseThread(worker);
  }

  async acquireConnection(): Promise<BulkConnection> {
    return new BulkConnection(this.#thread!);
  }

  async beginTransaction(): Promise<never> {
    throw new Error('what is read in bulk is no snapshot');
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#thread?.close();
  }
}

class BulkConnection implements DatabaseConnection {
  readonly #thread: DatabaseThread;

  constructor(thread: DatabaseThread) {
    this.#thread = thread;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows } = await this.#thread.perform({
      kind: 'run',
      sql,
      parameters: parameters as readonly SqlValue[],
      erases: false,
    });
    return { rows: rows as R[] };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }
}
