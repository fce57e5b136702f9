/** The page about operations shows commands that work, one after the other, on one register. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { root } from '../harness.ts';
import { modelsCache } from '../networks/lend.ts';
import { readBlocks } from './blocks.ts';

/** What the commands need besides familiar, and how each says that it is there. */
const tools = { openssl: 'version', curl: '--version' };
const readyMs = 100_000;

test('the commands of the page about operations work, from the first day to the worst', async (context) => {
  const missing = Object.entries(tools).flatMap(([tool, word]) => (spawnSync(tool, [word]).status === 0 ? [] : [tool]));
  if (missing.length > 0) {
    context.skip(`this machine has no ${missing.join(', no ')}`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'familiar-operations-'));
  const environment = await prepare(folder);
  const blocks = readBlocks().filter(({ page, language }) => page === 'docs/operations.md' && language === 'sh');
  assert.ok(blocks.length >= 10, `${blocks.length}`);
  let server: Served | undefined;
  try {
    for (const { text } of blocks) {
      if (text === 'familiar serve') {
        server = await serve(environment);
        Object.assign(environment, server.told);
        continue;
      }
      // Its machine is gone by then.
      if (text.startsWith('familiar restore')) server = await stopped(server);
      await run(text, environment, folder);
    }
  } finally {
    await stopped(server);
    await rm(folder, { recursive: true });
  }
});

type Environment = Record<string, string>;

/** The folder that the page begins in, with a command `familiar`, and the networks where the server would import them to. */
async function prepare(folder: string): Promise<Environment> {
  const flags = ['--conditions=familiar-source', '--expose-gc'].join(' ');
  const script = `#!/bin/sh\nexec ${process.execPath} ${flags} ${join(root, 'src/main.ts')} "$@"\n`;
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/familiar'), script, { mode: 0o755 });
  await mkdir(modelsCache, { recursive: true });
  await mkdir(join(folder, 'register'));
  await symlink(modelsCache, join(folder, 'register/models'));
  return {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    // As the page's first block exports them.
    FAMILIAR_MASTER_KEY_FILE: join(folder, 'master.key'),
    FAMILIAR_DATA: join(folder, 'register'),
    FAMILIAR_PORT: String(await freePort()),
  };
}

async function run(text: string, env: Environment, cwd: string): Promise<void> {
  await promisify(execFile)('sh', ['-ec', text], { env, cwd }).catch((error) => {
    assert.fail(`${text}\n${error.stdout}${error.stderr}`);
  });
}

interface Served {
  /** What later commands are told of it. */
  readonly told: Environment;
  readonly stop: () => Promise<void>;
}

async function serve(env: Environment): Promise<Served> {
  const child = spawn('familiar', ['serve', '--admin-port', '0'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let output = '';
  const isReady = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (/^ready$/m.test(output)) isReady.resolve();
  });
  const failed = ended.then(() => Promise.reject(new Error(`the server ended: ${output}`)));
  failed.catch(() => {});
  const late = AbortSignal.timeout(readyMs);
  late.addEventListener('abort', () => isReady.reject(new Error(`the server is not ready: ${output}`)));
  await Promise.race([isReady.promise, failed]);
  const admin = /^metrics are at (\S+)\/metrics$/m.exec(output)![1]!;
  return {
    told: { FAMILIAR_API: `http://127.0.0.1:${env.FAMILIAR_PORT}`, FAMILIAR_ADMIN: admin },
    async stop() {
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    },
  };
}

async function stopped(server: Served | undefined): Promise<undefined> {
  await server?.stop();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
