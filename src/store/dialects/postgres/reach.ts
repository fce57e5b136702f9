/**
 * Whether the database answers. Where a network stalls, each statement would wait for its own timeout, one after the other:
 * after the first that got no answer in time the others fail at once, until the database is found to answer again.
 */
import pg from 'pg';
import type { UnreachableError } from './failure.ts';
import { connectionOf } from './url.ts';

/** How long after a failure it is tried again whether the database answers, and how long that may take, in milliseconds. */
const probeMs = 200;
const probeTimeoutMs = 1_000;

/** Knows whether a database answers; all pools of connections to it share one. */
export class Reach implements AsyncDisposable {
  #url: string;
  /** When each connection was made. */
  readonly #made = new WeakMap<pg.ClientBase, number>();
  readonly #waiting = new Set<(error: Error) => void>();
  /** Why the database is taken for lost; undefined while it answers. */
  #lost: UnreachableError | undefined;
  /** When that was last found. */
  #lostAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #probing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Connects in another way from now on: with another password. */
  renewUrl(url: string): void {
    this.#url = url;
  }

  /** Notes when the connections of a pool are made. */
  watch(pool: pg.Pool): void {
    pool.on('connect', (client) => this.#made.set(client, performance.now()));
  }

  /**
   * A connection that was made since the database was last found lost: older ones may be to nowhere.
   * @throws UnreachableError at once, also while it waits, if the database is lost.
   */
  async connect(pool: pg.Pool): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#unlessLost(pool.connect());
      if ((this.#made.get(client) ?? Number.POSITIVE_INFINITY) > this.#lostAt) return client;
      client.release(true);
    }
  }

  /** Takes the database for lost: no answer came in time. */
  lose(error: UnreachableError): void {
    if (this.#lost !== undefined || this.#isClosed) return;
    this.#lost = error;
    this.#lostAt = performance.now();
    for (const reject of this.#waiting) reject(error);
    this.#probeLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#probing;
  }

  async #unlessLost(connecting: Promise<pg.PoolClient>): Promise<pg.PoolClient> {
    const lost = Promise.withResolvers<never>();
    this.#waiting.add(lost.reject);
    if (this.#lost !== undefined) lost.reject(this.#lost);
    try {
      return await Promise.race([connecting, lost.promise]);
    } catch (error) {
      connecting.then((client) => client.release()).catch(() => {});
      throw error;
    } finally {
      this.#waiting.delete(lost.reject);
    }
  }

  #probeLater(): void {
    this.#timer = setTimeout(() => {
      this.#probing = this.#probe();
    }, probeMs).unref();
  }

  async #probe(): Promise<void> {
    const client = new pg.Client({
      ...connectionOf(this.#url),
      application_name: 'familiar',
      connectionTimeoutMillis: probeTimeoutMs,
      query_timeout: probeTimeoutMs,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      this.#lost = undefined;
    } catch {
      if (!this.#isClosed) this.#probeLater();
    } finally {
      // It is not waited for: a server that does not answer would not answer a goodbye.
      client.end().catch(() => {});
      (client as pg.Client & { connection: pg.Connection }).connection.stream.destroy();
    }
  }
}
