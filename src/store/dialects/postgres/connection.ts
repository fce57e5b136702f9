/** One connection to PostgreSQL while somebody has it. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresAdapter,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';
import { nameOf } from '../../prepared.ts';
import type { AdapterWithDialect } from '../dialect.ts';
import { copyOut, isCopied, rowIn } from './copy-out.ts';
import { postgres } from './dialect.ts';
import { isOutdatedPlan, UnreachableError } from './failure.ts';
import type { Reach } from './reach.ts';

/** The commands whose number of rows tells how many they wrote. */
const writes: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Kysely's way to a pool of connections. */
export class PostgresDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #reach: Reach;
  #isDestroyed = false;

  constructor(pool: pg.Pool, reach: Reach) {
    this.#pool = pool;
    this.#reach = reach;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    if (this.#isDestroyed) throw new Error('the database is closed');
    try {
      return new PostgresConnection(await this.#reach.connect(this.#pool), this.#reach);
    } catch (error) {
      throw explained(error, this.#reach);
    }
  }

  async beginTransaction(connection: PostgresConnection, { isolationLevel }: TransactionSettings): Promise<void> {
    // Only snapshots name a level.
    const kind = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}, read only`;
    await connection.begin(`start transaction${kind}`);
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    const { command } = await connection.commit();
    // PostgreSQL rolls back at a commit if a statement had failed, and says no more than that.
    if (command === 'ROLLBACK') throw new Error('a statement of the transaction has failed');
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release();
  }

  /** Gives out no more connections; the pool is somebody else's. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
  }
}

/**
 * A connection while one query or transaction has it. A statement that comes after the end is refused, since it would be
 * part of somebody else's transaction.
 */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #reach: Reach;
  #isTransaction = false;
  #hasEnded = false;
  /** The connection is lost, or an answer may still come that nobody waits for. */
  #isBroken = false;
  readonly #onLost = (): void => {
    this.#isBroken = true;
  };

  constructor(client: pg.PoolClient, reach: Reach) {
    this.#client = client;
    this.#reach = reach;
    // An error that nobody listens for would end the process. The statement that is under way, or the next, fails anyway.
    client.on('error', this.#onLost);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#hasEnded) throw new Error('the transaction has ended');
    if (isCopied(query)) {
      const bytes = await this.#send((client) => copyOut(client, query.sql));
      return { rows: [rowIn(bytes, query.copied) as R] };
    }
    const { rows, rowCount, command } = await this.run(query.sql, query.parameters, nameOf(query));
    return { rows: rows as R[], ...(writes.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query);
  }

  /**
   * Runs a statement, after those that were given before. It is sent at once: what a caller does not wait for takes one
   * round trip together. In a transaction, those that come after one that fails fail, too.
   * @param name of a statement that the connection keeps parsed and planned.
   */
  run(text: string, values: readonly unknown[] = [], name?: string): Promise<pg.QueryResult> {
    return this.#send(
      (client) => client.query({ text, values: [...values], ...(name !== undefined && { name }) }),
      // A table has other columns than when the statement was planned: it is planned anew.
      (client) => client.query({ text, values: [...values] }),
    );
  }

  /** @param again sends it in another way, if its plan is out of date. */
  async #send<T>(send: (client: pg.PoolClient) => Promise<T>, again = send): Promise<T> {
    // Nothing would answer it: neither a statement nor the end of the transaction.
    if (this.#isBroken) throw new UnreachableError(new Error('the connection is lost'));
    try {
      return await send(this.#client);
    } catch (error) {
      if (isOutdatedPlan(error)) {
        // Other connections plan anew; a transaction has failed.
        this.#isBroken = true;
        if (!this.#isTransaction) return await again(this.#client);
      }
      // What the server itself says leaves the connection as good as before, unless it is its last word.
      if (!(error instanceof pg.DatabaseError) || error.severity === 'FATAL') this.#isBroken = true;
      throw explained(error, this.#reach);
    }
  }

  /** Begins a transaction. */
  begin(text: string): Promise<pg.QueryResult> {
    this.#isTransaction = true;
    return this.run(text);
  }

  /** Ends the transaction; no statement is taken after this. */
  commit(): Promise<pg.QueryResult> {
    this.#hasEnded = true;
    return this.run('commit');
  }

  /** Undoes the transaction; no statement is taken after this. Where the connection is lost its end does so, and why it was lost is told. */
  async rollback(): Promise<void> {
    this.#hasEnded = true;
    if (!this.#isBroken) await this.run('rollback');
  }

  release(): void {
    this.#hasEnded = true;
    this.#client.release(this.#isBroken);
    if (!this.#isBroken) {
      this.#client.off('error', this.#onLost);
      return;
    }
    // A server that does not answer would not answer a goodbye.
    (this.#client as pg.PoolClient & { connection: pg.Connection }).connection.stream.destroy();
  }
}

/**
 * What the server says of a failure; an error that is not the server's says that it cannot be reached.
 * @param reach told if nothing was heard in time.
 */
function explained(error: unknown, reach: Reach): unknown {
  if (error instanceof pg.DatabaseError || error instanceof UnreachableError) return error;
  const explanation = new UnreachableError(error);
  if (error instanceof Error && silences.has(error.message)) reach.lose(explanation);
  return explanation;
}

/**
 * What `pg` says where nothing is heard: a statement got no answer within `query_timeout`, not even that it took the server
 * too long; or a new connection none. To wait in vain for one that others have is another error.
 */
const silences: ReadonlySet<string> = new Set([
  'Query read timeout',
  'Connection terminated due to connection timeout',
]);

/** Kysely's adapter; migrations take turns by {@link postgres}'s lock, before Kysely looks at anything. */
export class PostgresAdapterWithDialect extends PostgresAdapter implements AdapterWithDialect {
  readonly dialect = postgres;

  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}
