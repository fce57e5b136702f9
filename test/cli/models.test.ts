import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { readManifest } from '../../src/vision/packs/manifest.ts';
import { makeFolder, root } from '../harness.ts';
import { thumbnailManifest, thumbnailNetwork, writePack } from '../packs/made-up.ts';
import { type Ended, runFamiliar } from '../process.ts';

let data: string;
before(async () => {
  data = await makeFolder();
});
after(() => rm(data, { recursive: true }));

const models = (...words: string[]): Promise<Ended> => runFamiliar('models', ...words, '--data', data);

test('a pack is added, used, verified and left again, and each command says what it did', async () => {
  const source = await writePack(join(data, 'handed-on'), thumbnailManifest('thumbnail'), thumbnailNetwork());
  const added = await models('add', source);
  assert.equal(added.exitCode, 0, added.errors);
  assert.match(added.output, /thumbnail\.onnx {2}CC0-1\.0\n.*`familiar models use thumbnail`/);
  const used = await models('use', 'thumbnail');
  assert.match(used.output, /next start on\..*-1305.*estimated\. made up/s);
  const rows = JSON.parse((await models('list', '--json')).output) as Record<string, unknown>[];
  assert.deepEqual(
    rows.map(({ name, installed, in_use }) => [name, installed, in_use]),
    [
      ['builtin', true, false],
      ['thumbnail', true, true],
      ['opencv', false, false],
    ],
  );
  assert.match((await models('list')).output, /^name +state +scores +about\n.*thumbnail +in use +estimated/s);
  assert.deepEqual(JSON.parse((await models('verify', '--json')).output), [
    { name: 'builtin', faults: [] },
    { name: 'thumbnail', faults: [] },
  ]);
  await writeFile(join(data, 'packs', 'thumbnail', 'thumbnail.onnx'), 'damaged');
  const damaged = await models('verify', 'thumbnail');
  assert.equal(damaged.exitCode, 1);
  assert.match(damaged.output, /FAULT {2}thumbnail\n +thumbnail\.onnx has 7 bytes/);
  assert.equal((await models('use', 'thumbnail')).exitCode, 1);
  assert.equal((await models('use', 'builtin')).exitCode, 0);
});

test('what cannot be added or used is refused with what could be', async () => {
  const nothing = await models('add', 'nothing');
  assert.equal(nothing.exitCode, 1);
  assert.match(nothing.errors, /neither a known pack \(opencv\) nor a manifest/);
  const absent = await models('use', 'opencv');
  assert.equal(absent.exitCode, 1);
  assert.match(absent.errors, /no pack called opencv here/);
});

test('help teaches every command about models', async () => {
  const help = (await models('--help')).output;
  for (const command of ['list', 'add', 'use', 'verify']) assert.match(help, new RegExp(`^ +${command}`, 'm'));
  const add = (await models('add', '--help')).output;
  for (const word of ['--from', '--json', '--data', 'SHA-256']) assert.ok(add.includes(word), word);
});

test("the page's manifest is one", async () => {
  const page = await readFile(join(root, 'docs', 'models.md'), 'utf8');
  const [, text = ''] = /^```text\n(\{.*?)^```$/ms.exec(page) ?? [];
  assert.equal(readManifest(JSON.parse(text)).recogniser?.dimension, 512);
});
