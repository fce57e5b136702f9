/** A real Citus cluster for tests, where the machine has one: a coordinator and two workers. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/**
 * The script that makes clusters, which knows `up FOLDER PORT`, `down FOLDER`, `stop FOLDER N` and `start FOLDER N`: a coordinator
 * that listens on the port, and workers 1 and 2 on those after it.
 */
const script = process.env.FAMILIAR_TEST_CITUS ?? '';

/** Why the tests are skipped; false if they run. */
export const skip: string | false = existsSync(script)
  ? false
  : 'FAMILIAR_TEST_CITUS names no script that makes a Citus cluster';

/** A cluster; gone when it is disposed of. */
export interface Cluster extends AsyncDisposable {
  /** Makes a database on each of its machines, of which each knows the others. */
  makeDatabase(name: string): Promise<string>;
  /** Ends a worker, 1 or 2, as a crash would. */
  stop(worker: number): Promise<void>;
  start(worker: number): Promise<void>;
  /** The worker that holds the rows of an appid: 1 or 2. */
  workerOf(url: string, appid: string): Promise<number>;
}

/** Starts a cluster. */
export async function startCluster(): Promise<Cluster> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'familiar-citus-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePorts();
  const run = (...words: string[]) => promisify(execFile)('bash', [script, ...words], { timeout: 100_000 });
  // It ends with this process, even if that is killed.
  const down = spawn('bash', ['-c', 'cat; exec bash "$0" down "$1"', script, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  down.unref();
  (down.stdin as unknown as Socket).unref();
  starting.defer(async () => {
    const ended = once(down, 'exit');
    down.ref();
    down.stdin.end();
    await ended;
  });
  await run('up', folder, String(port));
  const started = starting.move();
  const urlOf = (name: string, machine = 0): string => `postgres://postgres@127.0.0.1:${port + machine}/${name}`;
  return {
    async makeDatabase(name) {
      for (const machine of [0, 1, 2]) {
        await ask(urlOf('postgres', machine), `create database ${name}`);
        await ask(urlOf(name, machine), 'create extension citus');
      }
      await ask(urlOf(name), `select citus_set_coordinator_host('127.0.0.1', ${port})`);
      for (const machine of [1, 2]) await ask(urlOf(name), `select citus_add_node('127.0.0.1', ${port + machine})`);
      return urlOf(name);
    },
    stop: async (worker) => void (await run('stop', folder, String(worker))),
    start: async (worker) => void (await run('start', folder, String(worker))),
    async workerOf(url, appid) {
      const [row] = await ask(
        url,
        `select nodeport from pg_dist_shard_placement where shardid = get_shard_id_for_distribution_column('registries', '${appid}')`,
      );
      return Number(row!.nodeport) - port;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Runs a statement on a connection of its own. */
export async function ask(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The first of three ports in a row that are free. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await listenOnce(0);
    const others = [first + 1, first + 2].map((port) => listenOnce(port).catch(() => 0));
    if ((await Promise.all(others)).every(Boolean)) return first;
  }
}

async function listenOnce(port: number): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port, '127.0.0.1', resolve));
  const { port: found } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return found;
}
