/**
 * Has other servers look at a registry soon after it was changed, by PostgreSQL's `NOTIFY`. Nothing depends on it: a search
 * reads the position of the feed first. It keeps servers that nobody asks from falling behind.
 */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { connectionOf } from './url.ts';

/** The channel, which belongs to the database. */
const channel = 'familiar_changes';
/**
 * How long changes are gathered before the others are told of them, in milliseconds. It is done after the commit and for
 * all appids together, since transactions with a `NOTIFY` commit one after the other in the whole database.
 */
const gatherMs = 20;
/** Appids in one message, which has 8,000 bytes at most; an appid has 20 digits. */
const appidsMax = 300;
/** After how long a connection that was lost is made again, in milliseconds. */
const againMs = 1_000;
const connectTimeoutMs = 3_000;

/** Tells other servers, and listens to what they tell. */
export class Wakes implements AsyncDisposable {
  #url: string;
  readonly #db: Kysely<never>;
  readonly #id = randomUUID();
  readonly #appids = new Set<string>();
  #gathering: NodeJS.Timeout | undefined;
  #telling: Promise<unknown> = Promise.resolve();
  #listener: ((appid: string) => void) | undefined;
  #client: pg.Client | undefined;
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param db tells the others. */
  constructor(url: string, db: Kysely<never>) {
    this.#url = url;
    this.#db = db;
  }

  /** Connects with another url from now on. */
  renewUrl(url: string): void {
    this.#url = url;
  }

  /** Has the other servers look at a registry soon; if the database cannot be reached, they are not told. */
  wake(appid: string): void {
    this.#appids.add(appid);
    this.#gathering ??= setTimeout(() => this.#tell(), gatherMs).unref();
  }

  /** Calls `listener` with each registry that other servers have changed, from now on. */
  onWake(listener: (appid: string) => void): void {
    this.#listener = listener;
    if (this.#client === undefined && this.#again === undefined) this.#connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#gathering);
    clearTimeout(this.#again);
    await this.#telling;
    await this.#client?.end().catch(() => {});
  }

  #tell(): void {
    this.#gathering = undefined;
    const appids = [...this.#appids];
    this.#appids.clear();
    for (let i = 0; i < appids.length; i += appidsMax) {
      const message = [this.#id, ...appids.slice(i, i + appidsMax)].join(' ');
      const told = sql`select pg_notify(${sql.lit(channel)}, ${message})`.execute(this.#db).catch(() => {});
      this.#telling = Promise.all([this.#telling, told]);
    }
  }

  #connect(): void {
    this.#again = undefined;
    if (this.#isClosed) return;
    const client = new pg.Client({
      ...connectionOf(this.#url),
      application_name: 'familiar',
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    this.#client = client;
    const onLost = (): void => {
      if (this.#client !== client) return;
      this.#client = undefined;
      if (!this.#isClosed) this.#again = setTimeout(() => this.#connect(), againMs).unref();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    client
      .connect()
      .then(() => client.query(`listen ${channel}`))
      .catch(onLost);
  }

  #hear(message: string): void {
    const [from, ...appids] = message.split(' ');
    if (from === this.#id) return;
    for (const appid of appids) this.#listener?.(appid);
  }
}
