/** Kysely's driver for the thread that writes; it keeps transactions apart. */
import { Worker } from 'node:worker_threads';
import {
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  DeleteQueryNode,
  type DialectAdapter,
  type Driver,
  InsertQueryNode,
  type QueryResult,
  type RootOperationNode,
  type SqliteAdapter,
  SqliteQueryCompiler,
  UpdateQueryNode,
} from 'kysely';
import { batchesTo } from './batches.ts';
import type { SqlResult, SqlValue } from './connection.ts';
import type { Effect, Statement, WriterOptions } from './messages.ts';
import { DatabaseThread } from './thread.ts';

/**
 * Starts the thread that writes.
 * @throws what SQLite says if the file cannot be opened or is no database.
 */
export async function openWriter(options: WriterOptions): Promise<DatabaseThread> {
  const worker = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: options });
  const thread = new DatabaseThread(batchesTo(worker));
  await thread.perform({ kind: 'rollback' });
  return thread;
}

/** Kysely's driver for the thread that writes. */
export class WriterDriver implements Driver, ConnectionProvider {
  readonly #thread: DatabaseThread;
  #last: Promise<void> = Promise.resolve();

  constructor(thread: DatabaseThread) {
    this.#thread = thread;
  }

  async init(): Promise<void> {}

  /** The connection, which one consumer has at a time. */
  async provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await consumer(new Lease(this.#thread));
    } finally {
      resolve();
    }
  }

  async acquireConnection(): Promise<Lease> {
    return new Lease(this.#thread);
  }

  async beginTransaction(lease: Lease): Promise<void> {
    lease.begin();
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

/** Hands the connection to one consumer at a time, and has its statements sent as they come. */
export class WriteExecutor extends DefaultQueryExecutor {
  constructor(driver: WriterDriver, adapter: SqliteAdapter) {
    super(new SqliteQueryCompiler(), adapter, driver);
  }

  override withConnectionProvider(provider: ConnectionProvider): DefaultQueryExecutor {
    return new StatementExecutor(provider, this.adapter);
  }
}

/**
 * Sends the statements of a transaction as they come. The thread runs them in turn; Kysely's own executor would have each wait
 * for the answer of the one before.
 */
class StatementExecutor extends DefaultQueryExecutor {
  constructor(provider: ConnectionProvider, adapter: DialectAdapter) {
    super(new SqliteQueryCompiler(), adapter, provider);
  }

  /** Kysely asks for another one with each statement. */
  override withConnectionProvider(provider: ConnectionProvider): DefaultQueryExecutor {
    return new StatementExecutor(provider, this.adapter);
  }

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // The consumer is done once it has the connection, so that nobody waits for the statement but who asked for it.
    const connection = await this.provideConnection(async (connection) => connection);
    return connection.executeQuery<R>(query);
  }
}

/**
 * The connection while one transaction has it. A statement that comes after the end is refused, since it would be part
 * of somebody else's transaction; so is one that comes after a failure, since SQLite may have rolled back already.
 */
class Lease implements DatabaseConnection {
  readonly #thread: DatabaseThread;
  /** Settles when the transaction has begun, or cannot; undefined outside of one. */
  #begun: Promise<unknown> | undefined;
  /** Why it could not begin. */
  #obstacle: { readonly cause: unknown } | undefined;
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(thread: DatabaseThread) {
    this.#thread = thread;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#refuseIfOver();
    try {
      const done = await this.#run(statementOf(query));
      return { rows: done.rows as R[], numAffectedRows: BigInt(done.changes) };
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }

  /** Begins a transaction. Nothing waits for it: if it fails, so does whatever comes after it. */
  begin(): void {
    this.#begun = this.#thread.perform({ kind: 'begin' });
    this.#begun.catch((cause: unknown) => {
      this.#obstacle = { cause };
    });
  }

  async commit(): Promise<void> {
    this.#refuseIfOver();
    this.#ended = true;
    try {
      await this.#run({ sql: 'commit', parameters: [], effect: 'reads' });
    } catch (error) {
      // It is refused because of a statement that nobody waited for.
      throw this.#failure === undefined ? error : this.#failure.cause;
    }
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    await this.#thread.perform({ kind: 'rollback' });
  }

  /** Runs a statement, of the transaction if there is one; why that could not begin is why the statement fails. */
  async #run(statement: Statement): Promise<SqlResult> {
    const within = this.#begun !== undefined;
    try {
      return await this.#thread.perform({ kind: 'run', within, ...statement });
    } catch (error) {
      await this.#begun;
      throw error;
    }
  }

  #refuseIfOver(): void {
    if (this.#ended) throw new Error('the transaction has ended');
    if (this.#obstacle !== undefined) throw this.#obstacle.cause;
    if (this.#failure !== undefined) throw new Error('a statement of the transaction has failed', this.#failure);
  }
}

/** A query as the thread is told of it. */
export function statementOf({ sql, parameters, query }: CompiledQuery): Statement {
  return { sql, parameters: parameters as readonly SqlValue[], effect: effectOf(query) };
}

/** Tables that are written while the disk is full: erasing somebody writes to them, and so does every call. */
const keptTables: ReadonlySet<string> = new Set([
  'audit',
  'audit_ids',
  'audit_of_calls',
  'audit_persons',
  'audit_settings',
  'changes',
  'registries',
  'spent_signatures',
  'usage_by_day',
  'usage_of_writes_by_day',
]);

function effectOf(query: RootOperationNode): Effect {
  if (DeleteQueryNode.is(query)) return 'erases';
  if (UpdateQueryNode.is(query)) return 'kept';
  if (!InsertQueryNode.is(query)) return 'reads';
  return keptTables.has(query.into?.table.identifier.name ?? '') ? 'kept' : 'grows';
}
