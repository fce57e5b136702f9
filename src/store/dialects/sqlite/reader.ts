/** Reads SQLite in the calling thread, where a read takes microseconds and never waits for a writer. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Driver,
  type QueryResult,
  type SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely';
import { Connection, type SqlValue } from './connection.ts';
import { FilePlace } from './place.ts';

/** The longest that a read may hold up its thread while another process recovers the log, in milliseconds. */
export const readTimeoutMs = 250;

/** Connections kept for later; more are opened while more snapshots are held at once. */
const idleMax = 4;

/** Kysely's driver for connections that only read; each one that is held has a snapshot of its own. */
export class ReaderDriver implements Driver {
  readonly #location: string;
  readonly #place: FilePlace;
  readonly #idle: ReadConnection[] = [];
  #destroyed = false;

  /** @param location of the file, as SQLite is told of it: the path, or a URI with parameters. */
  constructor(file: string, location = file) {
    this.#location = location;
    this.#place = new FilePlace(file);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ReadConnection> {
    return this.#acquire();
  }

  /** Runs a query outside any transaction. */
  execute<R>(query: CompiledQuery): QueryResult<R> {
    const connection = this.#acquire();
    try {
      return connection.execute(query);
    } finally {
      this.#release(connection);
    }
  }

  /** A connection as a consumer has it, as Kysely's executors ask for one. */
  async provideConnection<T>(consumer: (connection: ReadConnection) => Promise<T>): Promise<T> {
    const connection = this.#acquire();
    try {
      return await consumer(connection);
    } finally {
      this.#release(connection);
    }
  }

  async beginTransaction(connection: ReadConnection): Promise<void> {
    connection.run('begin');
  }

  async commitTransaction(connection: ReadConnection): Promise<void> {
    connection.run('commit');
  }

  async rollbackTransaction(connection: ReadConnection): Promise<void> {
    connection.run('rollback');
  }

  async releaseConnection(connection: ReadConnection): Promise<void> {
    this.#release(connection);
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #acquire(): ReadConnection {
    if (this.#destroyed) throw new Error('the database is closed');
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    // A connection that is kept reads the file that was opened, wherever it is; a new one would read another.
    this.#place.check();
    return new ReadConnection(this.#location);
  }

  #release(connection: ReadConnection): void {
    if (this.#idle.length < idleMax && !this.#destroyed) this.#idle.push(connection);
    else connection.close();
  }
}

/** Runs single queries without the many promises of Kysely's own way to a connection, which take longer than most reads. */
export class ReadExecutor extends DefaultQueryExecutor {
  readonly #driver: ReaderDriver;

  constructor(driver: ReaderDriver, adapter: SqliteAdapter) {
    super(new SqliteQueryCompiler(), adapter, driver);
    this.#driver = driver;
  }

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#driver.execute<R>(query);
  }
}

class ReadConnection extends Connection implements DatabaseConnection {
  constructor(file: string) {
    super({ file, readOnly: true, busyTimeoutMs: readTimeoutMs });
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.execute<R>(query);
  }

  execute<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    return { rows: this.read(sql, parameters as readonly SqlValue[]) as R[] };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }
}
