/** Reads SQLite in the calling thread, where a read takes microseconds and never waits for a writer. */
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
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
    if (this.#destroyed) throw new Error('the database is closed');
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    // A connection that is kept reads the file that was opened, wherever it is; a new one would read another.
    this.#place.check();
    return new ReadConnection(this.#location);
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
    if (this.#idle.length < idleMax && !this.#destroyed) this.#idle.push(connection);
    else connection.close();
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}

class ReadConnection extends Connection implements DatabaseConnection {
  constructor(file: string) {
    super({ file, readOnly: true, busyTimeoutMs: readTimeoutMs });
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows } = this.run(sql, parameters as readonly SqlValue[]);
    // SQLite's rows have no prototype, which would make them unequal to everybody else's objects.
    return { rows: rows.map((row) => ({ ...row })) as R[] };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }
}
