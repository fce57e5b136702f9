import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { openApiDocument } from '../../src/contract/projections/openapi.ts';
import { makeFolder, root, startApp, type TestApp } from '../harness.ts';
import { runFamiliar } from '../process.ts';
import { readBlocks } from './blocks.ts';
import { type Pictures, prepare, servePictures } from './world.ts';

/** Languages of blocks that show how to change somebody else's code, which no test of ours can run. */
const foreign = ['java', 'php', 'python', 'cpp', 'nginx', 'js', 'text'];
const blocks = readBlocks();
/** Their blocks are run by tests of their own: usage.test.ts, audit.test.ts and tenants.test.ts. */
const isRunElsewhere = (page: string): boolean => /\/(operations|usage|audit|tenants|archive|check)\.md$/.test(page);
/** The commands that make a certificate. */
const openssl = blocks.filter(({ page, text }) => /migrate\.md$/.test(page) && /^(openssl|printf)/.test(text));

let app: TestApp;
let pictures: Pictures;
before(async () => {
  pictures = await servePictures();
  app = await startApp();
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

test('the client page is a program that prints what its comments say', async () => {
  const { key, fill } = await prepare(app, pictures, 'newperson');
  const folder = await mkdtemp(join(tmpdir(), 'familiar-docs-'));
  const photograph = join(folder, 'ada.jpg');
  await writeFile(photograph, await pictures.open('ada.jpg'));
  const program = blocks
    .filter(({ page, language }) => page === 'docs/client.md' && language === 'ts')
    .map(({ text }) => text);
  const filled = fill(program.join('\n'))
    .replace('AKID…', key.secretId)
    .replace("'…'", `'${key.secretKey}'`)
    .replace('ada.jpg', photograph);
  const flags = ['--conditions=familiar-source', '--input-type=module-typescript', '--eval', filled];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  await rm(folder, { recursive: true });
  const withoutIds = (text: string) => text.replace(/\d{19}/g, 'an id');
  const promised = [...filled.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, printed]) => printed);
  assert.deepEqual(withoutIds(stdout).trimEnd().split('\n'), withoutIds(promised.join('\n')).split('\n'));
});

test("the reference's shell script makes a signature that is taken", async (context) => {
  if (spawnSync('sh', ['-c', 'command -v openssl base64 tr']).status !== 0) {
    context.skip('this machine has no sh, openssl, base64 or tr');
    return;
  }
  const script = blocks.find(
    ({ page, heading, language }) => page === 'docs/api.md' && heading === 'Signature' && language === 'sh',
  );
  const { appid, secretId, secretKey } = app.key;
  const filled = (script?.text ?? '').replace('1000001', appid).replace('AKID…', secretId).replace('…', secretKey);
  const { stdout } = await promisify(execFile)('sh', ['-c', `${filled}\nprintf %s "$SIGN"`]);
  const headers = { authorization: stdout, 'content-type': 'application/json' };
  const answer = await app.send('/face/getgroupids', { method: 'POST', headers, body: JSON.stringify({ appid }) });
  assert.equal(answer.code, -1307, answer.text);
});

test('the server gives the OpenAPI document to whoever asks', async () => {
  const response = await fetch(`${app.app.url}/openapi.json`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(await response.json(), openApiDocument());
});

test('the three commands of the migration guide make a certificate that https is served with', async (context) => {
  if (spawnSync('openssl', ['version']).status !== 0) {
    context.skip('this machine has no openssl');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'familiar-docs-'));
  const commands = openssl.filter(({ page }) => page === 'docs/migrate.md').map(({ text }) => text);
  await promisify(execFile)('sh', ['-ec', commands.join('\n')], { cwd: folder });
  const [tlsCert, tlsKey] = [join(folder, 'face.crt'), join(folder, 'face.key')];
  await using secured = await startApp({ tlsCert, tlsKey, httpsPort: 0 });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    const servername = 'service.image.myqcloud.com';
    const ca = readFileSync(join(folder, 'ca.crt'));
    get(`${secured.app.httpsUrl}/healthz`, { servername, ca, agent: false }, (answer) => {
      resolve(answer.resume().statusCode);
    }).on('error', reject);
  });
  assert.equal(await answered, 200);
  await rm(folder, { recursive: true });
});

/** The lines of blocks of shell that call npm, each once. */
const npmLines = new Set(
  blocks
    .filter(({ page, language, text }) => language === 'sh' && text.startsWith('npm ') && !isRunElsewhere(page))
    .map(({ text }) => text),
);

test('the commands of familiar in the documents are understood', async () => {
  const folder = await makeFolder();
  const commands = [...npmLines].filter((line) => line.startsWith('npm run -s familiar -- '));
  assert.ok(commands.length > 0);
  for (const command of commands) {
    const words = command.replace('AKID…', 'AKIDdocs').replace('…', 'secret').split(' ').slice(5);
    const { exitCode, errors } = await runFamiliar(...words, '--data', folder);
    assert.equal(exitCode, 0, `${command}: ${errors}`);
  }
  await rm(folder, { recursive: true });
});

test('the npm commands in the documents name scripts that there are', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const words = [...npmLines].flatMap((line) => line.split(' && ')).map((command) => command.split(' '));
  const named = words.map(([, verb, ...rest]) => (verb === 'run' ? rest.find((word) => !word.startsWith('-')) : verb));
  const missing = named.filter((name) => name !== 'ci' && !Object.keys(scripts).includes(name ?? ''));
  assert.deepEqual(missing, []);
});

test('every block is run by a test, repeats one that is, or is in a language of somebody else', () => {
  const run = blocks.filter(
    ({ page, language }) =>
      page === 'docs/api.md' || (page === 'docs/client.md' && language === 'ts') || isRunElsewhere(page),
  );
  const texts = new Set([...[...run, ...openssl].map(({ text }) => text), ...npmLines]);
  const left = blocks.filter(({ language, text }) => !foreign.includes(language) && !texts.has(text));
  assert.deepEqual(left, []);
});

test('the migration guide says the same code in both languages', () => {
  const code = (page: string) => blocks.filter((block) => block.page === page).map(({ text }) => text);
  assert.deepEqual(code('docs/zh/migrate.md'), code('docs/migrate.md'));
});

test('links between the pages lead somewhere', async () => {
  const pages = (await readdir(join(root, 'docs'), { recursive: true })).filter((file) => file.endsWith('.md'));
  for (const page of pages) {
    const text = await readFile(join(root, 'docs', page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? join(root, 'docs', page) : join(root, 'docs', page, '..', file);
      const there = await readFile(path, 'utf8');
      if (anchor !== undefined) assert.ok(anchorsOf(there).includes(anchor), `${page}: ${target}`);
    }
  }
});

test('each decision has a number of its own, which its heading says', async () => {
  const folder = join(root, 'docs/decisions');
  const files = await readdir(folder);
  const numbers = files.map((file) => file.slice(0, 4));
  assert.deepEqual(numbers, [...new Set(numbers)]);
  for (const [i, file] of files.entries()) {
    assert.match(await readFile(join(folder, file), 'utf8'), new RegExp(`^# ${numbers[i]}[:.] `), file);
  }
});

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
