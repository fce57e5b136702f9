/** Opens a PostgreSQL database for Kysely, which other servers may use at the same time. */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Kysely, type KyselyConfig, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import pg from 'pg';
import type { Database, Handles, PoolState } from '../../database.ts';
import type { CallTables, Tables } from '../../tables.ts';
import { CallShares } from './call-shares.ts';
import { PostgresAdapterWithDialect, PostgresDriver } from './connection.ts';
import { isPassing } from './failure.ts';
import { PostgresFollowers } from './followers.ts';
import { inOrder, planningOf } from './planning.ts';
import { Reach } from './reach.ts';
import { isDistributed } from './spread.ts';
import { areAlike, bytesOf, connectionOf } from './url.ts';
import { PostgresVectorSwitch } from './vector-switch.ts';

/** How to open a PostgreSQL database. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`. */
  readonly url: string;
  /** How long a statement may take, in milliseconds; waiting for locks is part of it. */
  readonly statementTimeoutMs?: number | undefined;
  /** Called with every query. */
  readonly log?: KyselyConfig['log'];
}

/** The first version with everything that is used. */
const majorMin = 15;
/** Connections of one server, by what they are for; those of `bulk` read much at once, and are rarely open. */
const connectionsMax = { read: 8, write: 8, calls: 4, bulk: 2 };
/**
 * Connections that a server has at most: those, the one on which it hears of changes, and that of a check. Beside them it has one for
 * each core while it searches in the database.
 */
export const connectionsAtMost = Object.values(connectionsMax).reduce((sum, count) => sum + count, 2);
/** The longest that a free connection may be waited for, or a new one take, in milliseconds. */
const connectTimeoutMs = 3_000;
/** The longest that a statement may take, in milliseconds, so that a call is answered within 5 seconds. */
const defaultTimeoutMs = 4_000;
/** The same for what a server reads much of, part by part: the longest counts faces. */
const bulkTimeoutMs = 30_000;
/** The same for reports. */
const patientTimeoutMs = 120_000;
/** How long a change of tables waits for those who use them, in milliseconds; whoever comes after it waits with it. */
const lockTimeoutMs = 10_000;
/** How long connections may take to close, in milliseconds. */
const goodbyeMs = 1_000;
/** How much later than the database this process gives up, in milliseconds: the database's word says more. */
const graceMs = 500;
/** After how long without a statement the database ends a transaction, in milliseconds: its server is gone, or stalls. */
const idleTransactionTimeoutMs = 10_000;
/** How long what was read of keys holds, in milliseconds: a key that any server revokes is refused by all within this. */
const versionMs = 500;
/** How often a transaction is run, at most, that others keep from being done. */
const attemptsMax = 4;
/** The longest pause before another attempt, in milliseconds. */
const pauseMaxMs = 20;

/**
 * Opens the database.
 * @throws Error that says so if it cannot be reached, is too old, or keeps texts in another encoding than UTF-8.
 */
export async function openPostgres({
  url,
  statementTimeoutMs = defaultTimeoutMs,
  log,
}: PostgresOptions): Promise<Database> {
  await using opening = new AsyncDisposableStack();
  const reach = opening.use(new Reach(url));
  const pools = new Map<string, pg.Pool>();
  let urlNow = url;
  const poolOf = (name: keyof typeof connectionsMax, timeoutMs: number): pg.Pool => {
    const pool = openPool(url, connectionsMax[name], timeoutMs);
    pools.set(name, pool);
    opening.defer(() => endPool(pool));
    return pool;
  };
  const handleOf = <T>(name: keyof typeof connectionsMax): Kysely<T> =>
    kysely<T>(poolOf(name, statementTimeoutMs), reach, log);
  const reader = handleOf<Tables>('read');
  const isDivided = await check(reader);
  const writer = handleOf<Tables>('write');
  const calls = handleOf<CallTables>('calls');
  const bulk = poolOf('bulk', bulkTimeoutMs);
  bulk.on('connect', (client) => {
    // Whoever has the connection hears of its loss by a statement that matters.
    client.query(planningOf(inOrder)).catch(() => {});
  });
  const handles = opening.use(handlesOf(reader, writer, connectionsMax.write));
  const ofCalls = opening.use(handlesOf(calls, calls, connectionsMax.calls));
  const followers = opening.use(new PostgresFollowers(url, writer));
  const open = opening.move();
  return {
    ...handles,
    calls: ofCalls,
    version: () => Math.floor(performance.now() / versionMs),
    beside: reader,
    listMax: undefined,
    node: randomUUID(),
    isDivided,
    followers,
    refuseServers: (trx) => followers.refuseOthers(trx),
    callRates: new CallShares(calls as unknown as Kysely<unknown>),
    vectorSwitch: (dataKeys) => new PostgresVectorSwitch({ open: () => openPatient(urlNow), dataKeys }),
    source: () => ({ kind: 'postgres', url: urlNow }),
    pools: () => [...pools].map(([name, pool]) => stateOf(name, pool)),
    renewUrl(next) {
      if (!areAlike(next, urlNow)) return false;
      urlNow = next;
      // Read for each new connection.
      for (const pool of pools.values()) Object.assign(pool.options, connectionOf(next));
      followers.renewUrl(next);
      reach.renewUrl(next);
      return true;
    },
    forgetChanges: () => followers.join(),
    openBulk: () => kysely<Tables>(bulk, reach, log),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A database to be read only: the registers, and what calls write. */
export interface PostgresToRead extends AsyncDisposable {
  readonly db: Kysely<Tables>;
  readonly calls: Kysely<CallTables>;
}

/** Connects to a database, when the first query asks for it, to read it. */
export function openPostgresToRead(url: string): PostgresToRead {
  const pool = openPool(url, connectionsMax.bulk, patientTimeoutMs);
  const reach = new Reach(url);
  return {
    db: kysely<Tables>(pool, reach),
    calls: kysely<CallTables>(pool, reach),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Connects to a database to change its tables: statements may take as long as they need, but wait for locks no longer than others. */
export function openPostgresToManage(url: string): AsyncDisposable & { readonly db: Kysely<never> } {
  const pool = openPool(url, 1, 0, lockTimeoutMs);
  return { db: kysely<never>(pool, new Reach(url)), [Symbol.asyncDispose]: () => pool.end() };
}

/** @param timeoutMs how long a statement may take; 0 for as long as it needs. */
function openPool(url: string, max: number, timeoutMs: number, lockMs = timeoutMs): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOf(url),
    application_name: 'familiar',
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: timeoutMs,
    lock_timeout: lockMs,
    ...(timeoutMs > 0 && { query_timeout: timeoutMs + graceMs }),
    idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
    keepAlive: true,
    // Statements are sent without waiting for the answers of those before.
    pipeline: true,
    types: { getTypeParser },
  });
  // A connection that nobody uses was lost; whoever needs one gets another.
  pool.on('error', () => {});
  return pool;
}

/** Closes the connections of a pool; those that say no goodbye in time are left to the system. */
async function endPool(pool: pg.Pool): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    pool.end(),
    setTimeout(goodbyeMs, undefined, { signal: late.signal, ref: false }).catch(() => {}),
  ]);
  late.abort();
}

/** Opens a handle whose statements may take as long as they need; whoever destroys it closes its connections. */
function openPatient(url: string): Kysely<Tables> {
  const pool = openPool(url, 1, 0);
  const db = kysely<Tables>(pool, new Reach(url));
  return Object.assign(db, {
    async destroy() {
      await pool.end();
    },
  });
}

function stateOf(name: string, { totalCount, idleCount, waitingCount }: pg.Pool): PoolState {
  return { name, busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
}

/** All whole numbers of ours are below 2^53. */
const getTypeParser = ((oid: number, format: 'text' = 'text') => {
  if (oid === pg.types.builtins.INT8) return Number;
  if (oid === pg.types.builtins.BYTEA) return bytesOf;
  return pg.types.getTypeParser(oid, format);
}) as typeof pg.types.getTypeParser;

function kysely<T>(pool: pg.Pool, reach: Reach, log?: KyselyConfig['log']): Kysely<T> {
  reach.watch(pool);
  const [adapter, driver] = [new PostgresAdapterWithDialect(), new PostgresDriver(pool, reach)];
  return new Kysely<T>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    ...(log !== undefined && { log }),
  });
}

function handlesOf<T>(reader: Kysely<T>, writer: Kysely<T>, writersMax: number): Handles<T> {
  return {
    reader,
    writer,
    writersMax,
    async commit(queries) {
      const [only] = queries;
      // A statement by itself is a transaction, without a message for its beginning and its end.
      if (queries.length === 1) await writer.executeQuery(only!);
      else
        await writer.transaction().execute(async (trx) => {
          for (const query of queries) await trx.executeQuery(query);
        });
    },
    check: () => checkWritable(writer),
    async mayRetry(error, attempt) {
      if (attempt >= attemptsMax || !isPassing(error)) return false;
      await setTimeout(randomInt(pauseMaxMs));
      return true;
    },
    async [Symbol.asyncDispose]() {
      await writer.destroy();
      await reader.destroy();
    },
  };
}

/** @returns whether the tables are divided among machines. */
async function check(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql<{ version: string; encoding: string }>`
    select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`.execute(
    db,
  );
  const { version, encoding } = rows[0]!;
  const major = Math.floor(Number(version) / 10_000);
  if (major < majorMin) throw new Error(`it is PostgreSQL ${major}: ${majorMin} or later is needed`);
  if (encoding !== 'UTF8') throw new Error(`it keeps texts as ${encoding}: make a database with the encoding UTF8`);
  return isDistributed(db as unknown as Kysely<never>);
}

async function checkWritable<T>(db: Kysely<T>): Promise<void> {
  const { rows } = await sql<{
    read_only: string;
  }>`select current_setting('transaction_read_only') as read_only`.execute(db);
  if (rows[0]!.read_only === 'on')
    throw new Error('the database takes no writes: it is a copy of another one, or set so');
}
