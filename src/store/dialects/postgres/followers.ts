/** Keeps track of the servers that follow the change feeds, so that no change is pruned that one of them still needs. */
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Followers, ServerSeen, ServerSelf } from '../../database.ts';
import { forgetEveryChange } from '../../feed/prune.ts';
import type { Tables } from '../../tables.ts';
import { Wakes } from './wakes.ts';

/** How often a server says that it is alive, in milliseconds. */
const beatMs = 10_000;
/** After how long without a sign a server is taken for dead, in seconds, by the clock of the database. */
const deadSeconds = 60;
/** How many changes of one registry are kept for a slow server, at most; one that is slower fills its index anew. */
const keptMax = 100_000;

/** The table of servers. */
export interface ServerRow {
  id: string;
  /** The database's time when the server last said that it is alive. */
  seen_at: Date;
  /** Empty, and null, if the server told nothing of itself. */
  version: string;
  process_bytes: number | null;
  index_bytes: number | null;
  index_faces: number | null;
}

/** The table of where servers are in the feeds. */
export interface FollowerRow {
  server: string;
  appid: string;
  /** The sequence of the last change that the server has seen. */
  position: number;
}

/** The tables of this module beside the others. */
export type WithServers = Tables & { servers: ServerRow; followers: FollowerRow };

/** This server among those that follow. */
export class PostgresFollowers implements Followers, AsyncDisposable {
  readonly #db: Kysely<WithServers>;
  /** Of this server. */
  readonly id = randomUUID();
  #beating: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  readonly #wakes: Wakes;
  #isKnown = false;
  #self: (() => ServerSelf) | undefined;

  constructor(url: string, db: Kysely<Tables>) {
    this.#wakes = new Wakes(url, db as unknown as Kysely<never>);
    this.#db = db as unknown as Kysely<WithServers>;
    this.#timer = setInterval(() => {
      if (this.#isKnown) this.#beating = this.#beatAndTidy().catch(() => {});
    }, beatMs).unref();
  }

  /** Joins those that follow. If nobody else does, all changes are deleted: they tell of who was erased, and nobody needs them. */
  async join(): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await sql`lock table servers in exclusive mode`.execute(trx);
      await deleteDead(trx);
      const others = await trx.selectFrom('servers').select('id').limit(1).execute();
      await this.#beat(trx);
      if (others.length > 0) return;
      for (const statement of forgetEveryChange) await sql.raw(statement).execute(trx);
    });
    this.#isKnown = true;
  }

  async note(appid: string, position: number): Promise<void> {
    // A server that was taken for dead is back.
    await this.#beat(this.#db);
    await this.#db
      .insertInto('followers')
      .values({ server: this.id, appid, position })
      .onConflict((conflict) => conflict.columns(['appid', 'server']).doUpdateSet({ position }))
      .execute();
  }

  async neededAfter(appid: string, position: number): Promise<number> {
    // Apart from each other: the servers are on one machine, and the registry may be on another.
    const { slowest } = await this.#db
      .selectFrom('followers')
      .innerJoin('servers', 'servers.id', 'followers.server')
      .select((eb) => eb.fn.min('position').as('slowest'))
      .where('followers.appid', '=', appid)
      .where((eb) => eb.not(isDead()))
      .executeTakeFirstOrThrow();
    const registry = await this.#db
      .selectFrom('registries')
      .select('changes')
      .where('appid', '=', appid)
      .executeTakeFirst();
    const last = registry?.changes;
    return Math.min(position, Math.max(slowest ?? position, (last ?? 0) - keptMax));
  }

  async servers(): Promise<readonly ServerSeen[]> {
    const alive = this.#db.selectFrom('servers').where(({ not }) => not(isDead()));
    const [rows, positions, registries] = await Promise.all([
      alive.selectAll().orderBy('seen_at', 'desc').execute(),
      this.#db.selectFrom('followers').selectAll().execute(),
      // Apart from the followers, as in `neededAfter`.
      this.#db.selectFrom('registries').select(['appid', 'changes']).execute(),
    ]);
    const changes = new Map(registries.map((registry) => [registry.appid, registry.changes]));
    return rows.map((row) => {
      const followed = positions.filter(({ server }) => server === row.id);
      const seen = followed.reduce((sum, { position }) => sum + position, 0);
      const behind = ({ appid, position }: FollowerRow): number => Math.max(0, (changes.get(appid) ?? 0) - position);
      return {
        ...{ id: row.id, seenAt: row.seen_at.getTime(), isThis: row.id === this.id, self: selfIn(row) },
        ...{ galleries: followed.length, changesSeen: seen },
        changesBehind: followed.reduce((sum, one) => sum + behind(one), 0),
      };
    });
  }

  tellOfSelf(self: () => ServerSelf): void {
    this.#self = self;
    // At once, and not only with the next beat.
    if (this.#isKnown) this.#beating = this.#beating.then(() => this.#beat(this.#db)).catch(() => {});
  }

  /** Connects with another url from now on. */
  renewUrl(url: string): void {
    this.#wakes.renewUrl(url);
  }

  wake(appid: string): void {
    this.#wakes.wake(appid);
  }

  onWake(listener: (appid: string) => void): void {
    this.#wakes.onWake(listener);
  }

  /** In a transaction, until whose end none joins. @throws Error for the operator if others follow. */
  async refuseOthers(trx: Kysely<Tables>): Promise<void> {
    // Those that start are listed before they ask for anything.
    await sql`lock table servers in exclusive mode`.execute(trx);
    const servers = trx as unknown as Kysely<WithServers>;
    await deleteDead(servers);
    const others = await servers.selectFrom('servers').select('id').where('id', '!=', this.id).execute();
    if (others.length === 0) return;
    throw new Error(
      `${others.length} ${others.length === 1 ? 'server uses' : 'servers use'} this database: stop all, and try again; ` +
        'one that was killed counts for a minute',
    );
  }

  /** Leaves those that follow. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wakes[Symbol.asyncDispose]();
    clearInterval(this.#timer);
    await this.#beating;
    // Whoever cannot be told takes this server for dead soon.
    await this.#db
      .deleteFrom('servers')
      .where('id', '=', this.id)
      .execute()
      .catch(() => {});
  }

  /** Says that this server is alive, and strikes out those that are dead. */
  async #beatAndTidy(): Promise<void> {
    await this.#beat(this.#db);
    await deleteDead(this.#db);
  }

  async #beat(db: Kysely<WithServers>): Promise<void> {
    const { version = '', processBytes = null, indexBytes = null, indexFaces = null } = this.#self?.() ?? {};
    const told = {
      ...{ version, process_bytes: processBytes, index_bytes: indexBytes, index_faces: indexFaces },
      seen_at: sql<Date>`now()`,
    };
    await db
      .insertInto('servers')
      .values({ id: this.id, ...told })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(told))
      .execute();
  }
}

function selfIn({ version, process_bytes, index_bytes, index_faces }: ServerRow): ServerSelf | undefined {
  if (process_bytes === null || index_bytes === null || index_faces === null) return undefined;
  return { version, processBytes: process_bytes, indexBytes: index_bytes, indexFaces: index_faces };
}

/** Strikes out the servers that are dead. */
async function deleteDead<T extends WithServers>(db: Kysely<T>): Promise<void> {
  await (db as unknown as Kysely<WithServers>).deleteFrom('servers').where(isDead).execute();
}

/** Servers that have given no sign for long. */
const isDead = () => sql<boolean>`servers.seen_at < now() - make_interval(secs => ${sql.lit(deadSeconds)})`;
