import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { root, startApp, type TestApp } from '../harness.ts';
import { readBlocks } from './blocks.ts';
import { type Pictures, prepare, servePictures } from './world.ts';

/** Languages of blocks that show how to change somebody else's code, which no test of ours can run. */
const foreign = ['java', 'php', 'python', 'cpp', 'nginx', 'js', 'text'];
const blocks = readBlocks();

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
  const flags = ['--input-type=module-typescript', '--eval', filled];
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

test('every block is run by a test, repeats one that is, or is in a language of somebody else', () => {
  const run = blocks.filter(
    ({ page, language }) => page === 'docs/api.md' || (page === 'docs/client.md' && language === 'ts'),
  );
  const texts = new Set(run.map(({ text }) => text));
  const left = blocks.filter(({ language, text }) => !foreign.includes(language) && !texts.has(text));
  assert.deepEqual(left, []);
});
