/** A PostgreSQL with pgvector in a folder that outlives the process, so that five million rows are written once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';

/** The user `nobody`: PostgreSQL refuses to run as root. */
const nobody = 65_534;
const debian = '/usr/lib/postgresql';

/** Of `postgresql.conf`: what a database of some gigabytes is given, and nothing that has to do with how rows are read. */
const settings = {
  shared_buffers: '2GB',
  maintenance_work_mem: '8GB',
  max_wal_size: '8GB',
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
} as const;

/** A running server. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** The folder of its programs. */
  readonly bin: string;
  readonly version: string;
  /** Runs a statement that may take as long as it needs. */
  ask(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** Starts the server of a folder, which is made if it is not there. */
export async function startServer(folder: string): Promise<Server> {
  const bin = findPrograms();
  const data = join(folder, 'postgres');
  const as = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (!existsSync(data)) {
    mkdirSync(data, { recursive: true });
    if ('uid' in as) chownSync(data, nobody, nobody);
    chmodSync(data, 0o700);
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'familiar', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], as);
  }
  const port = await freePort();
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const place = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...place, ...options], {
    ...as,
    cwd: data,
    stdio: 'ignore',
  });
  const exited = once(server, 'exit');
  const url = `postgres://familiar@127.0.0.1:${port}/postgres`;
  const client = await connected(url);
  const { rows } = await client.query('show server_version');
  return {
    url,
    bin,
    version: String(rows[0].server_version),
    ask: async (text) => (await client.query(text)).rows,
    async [Symbol.asyncDispose]() {
      await client.end();
      server.kill('SIGINT');
      await exited;
    },
  };
}

function findPrograms(): string {
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : [];
  const found = versions.find((version) => existsSync(join(debian, version, 'lib', 'vector.so')));
  if (found === undefined) throw new Error(`there is no PostgreSQL with pgvector in ${debian}`);
  return join(debian, found, 'bin');
}

async function connected(url: string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt === 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function run(program: string, words: readonly string[], as: object): Promise<void> {
  const child = spawn(program, words, { ...as, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
