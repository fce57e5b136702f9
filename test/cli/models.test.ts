import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { manifestFile } from '../../src/vision/packs/folder.ts';
import { readManifest } from '../../src/vision/packs/manifest.ts';
import { makeFolder, root } from '../harness.ts';
import { thumbnailManifest, thumbnailNetwork, writePack } from '../packs/made-up.ts';
import { begin, runHere, type Said } from './terminal.ts';

let data: string;
beforeEach(async () => {
  data = await makeFolder();
});
afterEach(() => rm(data, { recursive: true }));

const models = (...words: string[]): Promise<Said> => runHere('models', ...words, '--data', data);

/** A pack that is handed on in a folder. */
const handedOn = () => writePack(join(data, 'handed-on'), thumbnailManifest('thumbnail'), thumbnailNetwork());

test('a pack is added, used, verified and left again, and each command says what it did', async () => {
  const added = await models('add', await handedOn());
  assert.equal(added.exitCode, 0, added.errors);
  assert.equal(
    added.output,
    'thumbnail.onnx  CC0-1.0\nthumbnail is added. `familiar models use thumbnail` switches to it.\n',
  );
  const used = await models('use', 'thumbnail');
  assert.equal(used.exitCode, 0);
  assert.match(used.output, /next start on\..*-1305.*estimated\. made up/s);
  const rows = JSON.parse((await models('list', '--json')).output) as Record<string, unknown>[];
  assert.deepEqual(
    rows.map(({ name, installed, in_use }) => [name, installed, in_use]),
    [
      ['builtin', true, false],
      ['thumbnail', true, true],
      ['dlib', false, false],
      ['faceres', false, false],
      ['opencv', false, false],
    ],
  );
  const list = await models('list');
  assert.equal(list.exitCode, 0);
  for (const row of [
    /^name +state +scores +about$/m,
    /^builtin +installed +measured +\w/m,
    /^thumbnail +in use +estimated/m,
    /^opencv +not added +estimated/m,
  ])
    assert.match(list.output, row);
  const left = await models('use', 'builtin');
  assert.equal(left.exitCode, 0);
  assert.ok(!left.output.includes('estimated'), 'the scale of the built-in networks is measured');
  assert.match((await models('list')).output, /^builtin +in use .*\nthumbnail +installed/m);
});

test('a pack whose files are not what its manifest says is found out, and cannot be used', async () => {
  await models('add', await handedOn());
  const well = await models('verify', '--json');
  const checks = [
    { name: 'builtin', faults: [] },
    { name: 'thumbnail', faults: [] },
  ];
  assert.deepEqual([well.exitCode, JSON.parse(well.output)], [0, checks]);
  assert.equal((await models('verify', 'builtin')).output, 'ok     builtin\n');
  assert.equal((await models('verify', 'thumbnail')).output, 'ok     thumbnail\n');
  await writeFile(join(data, 'packs', 'thumbnail', 'thumbnail.onnx'), 'damaged');
  const damaged = await models('verify', 'thumbnail');
  assert.equal(damaged.exitCode, 1);
  assert.match(damaged.output, /^FAULT {2}thumbnail\n {7}thumbnail\.onnx has 7 bytes/);
  const all = await models('verify');
  assert.equal(all.exitCode, 1);
  assert.match(all.output, /^ok {5}builtin\nFAULT {2}thumbnail\n/);
  const refused = await models('use', 'thumbnail');
  assert.deepEqual([refused.exitCode, refused.output], [1, '']);
  assert.match(refused.errors, /thumbnail\.onnx has 7 bytes.* Add the pack again\./);
  assert.equal((await models('add', await handedOn())).exitCode, 0);
  assert.equal((await models('verify', 'thumbnail')).exitCode, 0);
});

test('what cannot be added, used or verified is refused with what could be', async () => {
  await mkdir(join(data, 'empty'));
  for (const [words, errors] of [
    [
      ['add', 'nothing'],
      /nothing is neither a known pack \(dlib, faceres, opencv\) nor a manifest nor a folder with a pack\.json/,
    ],
    [['add', join(data, 'empty')], /empty is neither a known pack/],
    [['use', 'opencv'], /no pack called opencv here; "familiar models list" shows/],
    [['verify', 'opencv'], /no pack called opencv here/],
  ] as const) {
    const { exitCode, output, errors: told } = await models(...words);
    assert.deepEqual([exitCode, output], [1, ''], words.join(' '));
    assert.match(told, errors);
  }
});

test('a pack is added from a manifest whose files lie elsewhere, and answers to a program in JSON', async () => {
  const folder = await handedOn();
  const manifest = join(data, 'manifest.json');
  await rename(join(folder, manifestFile), manifest);
  const added = await models('add', manifest, '--from', folder, '--json');
  assert.equal(added.exitCode, 0, added.errors);
  const { name, files } = JSON.parse(added.output);
  assert.deepEqual([name, files.map((file: { name: string }) => file.name)], ['thumbnail', ['thumbnail.onnx']]);
  const used = await models('use', 'thumbnail', '--json');
  assert.deepEqual([used.exitCode, JSON.parse(used.output)], [0, { name: 'thumbnail', in_use: true }]);
});

test('adding ends with 1 when the process is told to stop, and leaves nothing', async () => {
  const adding = begin('models', 'add', await handedOn(), '--data', data);
  adding.stop('SIGINT');
  const { exitCode, output, errors } = await adding.ended;
  assert.deepEqual([exitCode, output, errors], [1, '', 'SIGINT: the download is stopped\n']);
  assert.equal((await models('use', 'thumbnail')).exitCode, 1);
});

test("the page's manifest is one", async () => {
  const page = await readFile(join(root, 'docs', 'models.md'), 'utf8');
  const [, text = ''] = /^```text\n(\{.*?)^```$/ms.exec(page) ?? [];
  assert.equal(readManifest(JSON.parse(text)).recogniser?.dimension, 512);
});
