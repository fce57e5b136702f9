/**
 * Spreads the tables of a register over the machines of a Citus cluster: by appid, so that a call has to do with one machine, and
 * whole on each where a table is small and every call reads it.
 */
import { type Kysely, sql } from 'kysely';
import { openPostgresToManage } from './database.ts';
import { postgres } from './dialect.ts';
import { firstSpread, isDistributed, spreadBefore, spreadTables } from './spread.ts';

/** What was done, and how the tables are spread. */
export interface Spreading {
  /** The tables that were spread just now; none if all were before. */
  readonly spread: readonly string[];
  /** The tables that are divided by appid. */
  readonly divided: readonly string[];
  /** The tables that are whole on each machine. */
  readonly everywhere: readonly string[];
  /** Into how many parts the divided tables are. */
  readonly shards: number;
  /** The machines that hold the parts. */
  readonly workers: number;
}

/** The moving of parts between machines. */
export interface Rebalancing {
  /** `began` now, `running` since an earlier time, or `even`: there is nothing to move. */
  readonly state: 'began' | 'running' | 'even';
  readonly workers: number;
}

/**
 * Spreads the tables, in one transaction. What is spread already stays as it is, so that it may be done again: after a new version
 * made tables, or after it was interrupted. Servers that run wait for it with their writes.
 * @param shards into how many parts tables are divided; those that are divided already keep their number.
 * @throws Error for the operator if there is no register, no Citus, or no machine to spread to.
 */
export async function distribute(url: string, shards: number): Promise<Spreading> {
  await using opened = openPostgresToManage(url);
  const { db } = opened;
  if (!(await postgres.hasTable(db, firstSpread)))
    throw new Error('there is no register in it yet: start the server once');
  await refuseWithoutCitus(db);
  const spread = await db.transaction().execute(async (trx) => {
    await postgres.lockMigrations(trx);
    return spreadTables(trx, shards);
  });
  return { spread, ...(await describe(db)) };
}

/**
 * Has Citus move parts of the tables so that each machine holds as much as the others; it works in the background, and calls go on.
 * @throws Error for the operator if the tables are not spread.
 */
export async function rebalance(url: string): Promise<Rebalancing> {
  await using opened = openPostgresToManage(url);
  const { db } = opened;
  await refuseWithoutCitus(db);
  if (!(await isDistributed(db))) {
    throw new Error('the tables are not spread yet: `familiar database distribute` does that');
  }
  const workers = await workersOf(db);
  const { rows: running } = await sql`
    select 1 from pg_dist_background_job where job_type = 'rebalance' and state in ('scheduled', 'running')`.execute(
    db,
  );
  if (running.length > 0) return { state: 'running', workers };
  const { rows } = await sql<{ job: number | null }>`select citus_rebalance_start() as job`.execute(db);
  return { state: rows[0]!.job === null ? 'even' : 'began', workers };
}

async function describe(db: Kysely<never>): Promise<Omit<Spreading, 'spread'>> {
  const all = [...(await spreadBefore(db))];
  const { rows } = await sql<{ shards: number }>`
    select count(*) as shards from pg_dist_shard where logicalrelid = ${firstSpread}::regclass`.execute(db);
  const namesOf = (how: string) => all.flatMap(([name, spread]) => (spread === how ? [name] : [])).sort();
  return {
    divided: namesOf('divided'),
    everywhere: namesOf('everywhere'),
    shards: rows[0]!.shards,
    workers: await workersOf(db),
  };
}

async function workersOf(db: Kysely<never>): Promise<number> {
  const { rows } = await sql<{ workers: number }>`
    select count(*) as workers from pg_dist_node where noderole = 'primary' and isactive and shouldhaveshards`.execute(
    db,
  );
  return rows[0]!.workers;
}

async function refuseWithoutCitus(db: Kysely<never>): Promise<void> {
  if (!(await postgres.hasTable(db, 'pg_dist_node'))) {
    throw new Error(
      'the extension citus is not in it: install Citus on each machine, name it in shared_preload_libraries, ' +
        'and run `create extension citus` in this database on each',
    );
  }
  if ((await workersOf(db)) > 0) return;
  throw new Error(
    "Citus has no worker yet: name this machine with `select citus_set_coordinator_host('host')`, " +
      "and each worker with `select citus_add_node('host', 5432)`",
  );
}
