/** Chooses the server under test: one started for the purpose, or any that the environment names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What is run to serve: familiar, unless the run of all tests has something that need not load networks. */
const program = process.env.FAMILIAR_TEST_SERVER ?? join(root, 'src', 'main.ts');
/** Imported networks, kept between runs so that they are imported once. */
const networks = join(root, 'node_modules', '.cache', 'familiar-models');

/** So that none is made beside the data folder; any 32 bytes. */
const masterKey = Buffer.alloc(32, 7).toString('base64');

/** Whom calls are made for. */
export interface Account {
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

/** A running server. */
export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** As many accounts as were asked for; on a server that is not ours they are all the same one. */
  readonly accounts: readonly Account[];
  /** Whether each account is its own, so that calls of several do not get into each other's way. */
  readonly isOurs: boolean;
}

/** The account that the recordings were made for. */
export const recorded: Account = { appid: '123456', secretId: 'SID', secretKey: 'SKEY' };

/**
 * Finds the server that `URL`, `APPID`, `SECRET_ID` and `SECRET_KEY` point to, or starts one with an empty register.
 * @param count how many accounts are needed; the first is {@link recorded}, the others have appids as long as its own.
 */
export async function openServer(count: number): Promise<Server> {
  const { URL: url, APPID: appid, SECRET_ID: secretId, SECRET_KEY: secretKey } = process.env;
  if (url === undefined) return startServer(count);
  if (!appid || !secretId || !secretKey) throw new Error('with URL go APPID, SECRET_ID and SECRET_KEY');
  const accounts = Array<Account>(count).fill({ appid, secretId, secretKey });
  return { url: url.replace(/\/+$/, ''), accounts, isOurs: false, [Symbol.asyncDispose]: async () => {} };
}

async function startServer(count: number): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-conformance-'));
  await mkdir(networks, { recursive: true });
  await symlink(networks, join(folder, 'models'));
  const server = run(program, 'serve', '--port', '0', '--data', folder, '--allow-url-host', '127.0.0.1');
  const url = await readiness(server);
  const accounts = Array.from({ length: count }, (_, i) => ({
    appid: String(Number(recorded.appid) + i),
    secretId: i === 0 ? recorded.secretId : `${recorded.secretId}${i}`,
    secretKey: recorded.secretKey,
  }));
  await Promise.all(accounts.map((account) => addKey(account, folder)));
  return {
    url,
    accounts,
    isOurs: true,
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGTERM');
      const code = await exitCode(server);
      await rm(folder, { recursive: true });
      if (code !== 0) throw new Error(`the server ended with ${code}`);
    },
  };
}

async function addKey({ appid, secretId, secretKey }: Account, folder: string): Promise<void> {
  const words = ['--appid', appid, '--secret-id', secretId, '--secret-key', secretKey, '--data', folder];
  const command = run(join(root, 'src', 'main.ts'), 'keys', 'add', ...words);
  const errors = text(command.stderr!);
  if ((await exitCode(command)) !== 0) throw new Error(await errors);
}

/** Runs a program of this repository, which ends at the latest when this process does. */
function run(program: string, ...words: readonly string[]): ChildProcess {
  const { PATH, NODE_COMPILE_CACHE, FAMILIAR_TEST_NETWORKS } = process.env;
  return spawn(process.execPath, ['--import', join(root, 'test', 'guard.ts'), program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, NODE_COMPILE_CACHE, FAMILIAR_TEST_NETWORKS, FAMILIAR_MASTER_KEY: masterKey },
  });
}

function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('close', resolve));
}

/** Where the server listens, once it says that it is ready. */
async function readiness(server: ChildProcess): Promise<string> {
  let [output, errors] = ['', ''];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  server.stderr!.setEncoding('utf8').on('data', (some: string) => {
    errors = (errors + some).slice(-10_000);
  });
  server.stdout!.setEncoding('utf8').on('data', (some: string) => {
    output += some;
    const url = /listens on (\S+)/.exec(output)?.[1];
    if (url !== undefined && /^ready$/m.test(output)) resolve(url);
  });
  server.once('close', () => reject(new Error(`the server ended: ${errors}`)));
  return promise;
}
