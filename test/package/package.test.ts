import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { photograph, root } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';

const run = promisify(execFile);

/** What the user's project has besides the package: who calls, and with what. */
const program = `
import { createClient, RefusalError } from 'familiar/client';

export async function call(options: { url: string; appid: string; secretId: string; secretKey: string }, jpeg: Blob) {
  const familiar = createClient(options);
  const { suc_face, group_ids } = await familiar.newperson({ person_id: 'p', group_ids: ['a'], picture: jpeg });
  const code = await familiar.getinfo({ person_id: 'q' }).catch((error) => (error as RefusalError).code);
  return { suc_face, group_ids, code };
}
`;

/** Nothing of this project: the machine's own environment, without what npm and this project add to it. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|FAMILIAR_)/i.test(name))),
  ONNXRUNTIME_NODE_INSTALL: 'skip',
};

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-package-'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${archive}`], {
    cwd: folder,
    env: environment,
  });
  await writeFile(join(folder, 'program.ts'), program);
});

after(() => rm(folder, { recursive: true, force: true }));

test('the package installs into an empty project; its server runs, and its client calls it from Node and from a bundle', async () => {
  await bundle();
  const server = spawn('node_modules/.bin/familiar', ['serve', '--port', '0', '--data', 'data'], {
    cwd: folder,
    env: { ...environment, FAMILIAR_MASTER_KEY: masterKeyText },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const url = await readyUrl(server);
    const key = JSON.parse(await readFile(join(folder, 'data/first-key.json'), 'utf8')) as Record<string, string>;
    const options = { url, appid: key.appid, secretId: key.secret_id, secretKey: key.secret_key };
    const jpeg = new Blob([new Uint8Array(await photograph(1))]);
    const { call } = (await import(join(folder, 'bundle.js'))) as { call: (...args: unknown[]) => Promise<unknown> };
    assert.deepEqual(await call(options, jpeg), { suc_face: 1, group_ids: ['a'], code: -1303 });
    const inNode = await runInNode(`
      import { createClient } from 'familiar/client';
      const familiar = createClient(${JSON.stringify(options)});
      console.log(JSON.stringify((await familiar.getgroupids({})).group_ids));
    `);
    assert.equal(inNode, '["a"]\n');
  } finally {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    assert.equal(await ended, 0);
  }
});

test('npx runs the command, on the Node.js that the package brings', async () => {
  const { stdout } = await run('npx', ['familiar', 'serve', '--help'], { cwd: folder, env: environment });
  assert.match(stdout, /^Usage: familiar serve/);
});

test('the compiler finds the types of the package, and a wrong field is an error', async () => {
  const wrong = `${program}\ncreateClient({ url: '', appid: '', secretId: '', secretKey: '' }).getinfo({ person: 'p' });\n`;
  await writeFile(join(folder, 'wrong.ts'), wrong);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--lib', 'esnext,dom', '--types', ''];
  const compile = (file: string) => run(join(root, 'node_modules/.bin/tsc'), [...flags, file], { cwd: folder });
  await compile('program.ts');
  await assert.rejects(compile('wrong.ts'), ({ stdout }: { stdout: string }) => /'person' does not exist/.test(stdout));
});

test('the package holds no source, no test and no declaration but those of the client', async () => {
  const files = await readdir(join(folder, 'node_modules/familiar'), { recursive: true });
  assert.deepEqual(
    files.filter((name) => /\.ts$/.test(name) && !/^dist\/client\/[a-z-]+\.d\.ts$/.test(name)),
    [],
  );
  assert.ok(files.includes('dist/search/scan-thread.js') && files.includes('dist/wasm/scan.wasm'));
  assert.ok(files.includes('console/dist/index.html') && !files.some((name) => name.startsWith('console/src')));
});

async function bundle(): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(folder, 'program.ts')],
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
  });
}

/** Runs a module with whichever Node is installed, in the user's project. */
async function runInNode(code: string): Promise<string> {
  await writeFile(join(folder, 'call.js'), code);
  const { stdout } = await run('node', ['call.js'], { cwd: folder, env: environment });
  return stdout;
}

/** Where a server that has just been started listens, once it is ready. */
function readyUrl(server: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [server.stdout!, server.stderr!]) {
      stream.on('data', (piece) => {
        said += piece;
        if (/^ready$/m.test(said)) resolve(/listens on (\S+)/.exec(said)![1]!);
      });
    }
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}
