import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openData } from '../../src/app/create-app.ts';
import { importPictures, type PictureOrder } from '../../src/app/operator/import.ts';
import { readSettings } from '../../src/app/settings.ts';
import { makeFolder, photograph, root, startApp, type TestApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';
import { lendNetworks } from '../networks/lend.ts';
import { runFamiliar } from '../process.ts';
import { face, limits } from '../store/fixtures.ts';

let app: TestApp;
let folder: string;

before(async () => {
  folder = await makeFolder();
  app = await startApp();
  for (const id of ['p', 'q'] as const) {
    const image = await photograph(id === 'p' ? 1 : 2);
    const answer = await app.form('newperson', {
      person_id: id,
      person_name: `name of ${id}`,
      tag: 't',
      group_ids: ['g', id],
      image,
    });
    assert.equal(answer.code, 0, answer.text);
  }
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What the audit of a data folder tells of a command, newest last. */
async function auditOf(data: string, action: string): Promise<readonly unknown[]> {
  await using stores = await openData(readSettings({ data, masterKey: masterKeyText }, undefined, {}));
  const lines = (await Array.fromAsync(stores.audit.reader.all({ appid: '' }))).flat();
  return lines.filter((line) => line.action === action).map(({ detail, code }) => [detail, code]);
}

test('what one server has registered is exported while it runs, and another server answers for it as the first does', async () => {
  const file = join(folder, 'all.tar');
  const { appid } = app.key;
  const made = await runFamiliar('export', file, '--appid', appid, '--crops', '--embeddings', '--data', app.folder);
  assert.equal(made.exitCode, 0, made.errors);
  assert.match(made.output, new RegExp(`all\\.tar holds 2 persons and 2 faces of ${appid}\\.\nIt is not encrypted`));
  const again = await runFamiliar('export', file, '--appid', appid, '--data', app.folder);
  assert.deepEqual([again.exitCode, /an export never replaces anything/.test(again.errors)], [1, true]);
  await using second = await startApp();
  const unknown = await runFamiliar('import', file, '--data', second.folder);
  assert.deepEqual([unknown.exitCode, unknown.errors], [1, `there is no appid ${appid}\n`]);
  const words = ['import', file, '--appid', second.key.appid, '--data', second.folder];
  const dry = await runFamiliar(...words, '--dry-run', '--json');
  assert.deepEqual([dry.exitCode, JSON.parse(dry.output).persons], [0, 2]);
  assert.equal((await second.json('getgroupids', {})).code, -1307);
  const imported = await runFamiliar(...words);
  assert.deepEqual(
    [imported.exitCode, imported.output],
    [0, `2 persons and 2 faces are imported into ${second.key.appid}.\n`],
  );
  assert.equal(
    (await runFamiliar(...words)).output,
    `0 persons and 0 faces are imported into ${second.key.appid}.\n2 persons had been imported before.\n`,
  );
  for (const id of ['p', 'q']) {
    const [here, there] = await Promise.all([app, second].map((one) => one.json('getinfo', { person_id: id })));
    assert.deepEqual({ ...there!.data, session_id: '' }, { ...here!.data, session_id: '' });
    const [faceId] = here!.data.face_ids;
    const [first, other] = await Promise.all([app, second].map((one) => one.json('getfaceinfo', { face_id: faceId })));
    assert.deepEqual(other!.data, first!.data);
  }
  const found = await second.form('identify', { group_id: 'g', image: await photograph(2) });
  assert.equal(found.data.candidates[0].person_id, 'q');
  assert.equal(
    (await second.form('addface', { person_id: 'q', images: [await photograph(2)] })).data.ret_codes[0],
    -1312,
  );
  const told = await auditOf(app.folder, 'export');
  assert.deepEqual(told[1], [{ appid, target: file, crops: true, embeddings: true }, 0]);
  assert.deepEqual((await auditOf(second.folder, 'import')).at(-1), [
    { appid: second.key.appid, from: 'archive', file },
    0,
  ]);
});

test('pictures in folders are enrolled in the register of a running server, and only once', async () => {
  await using server = await startApp();
  const pictures = join(folder, 'pictures');
  for (const [person, number] of [
    ['staff/ada', 1],
    ['staff/bob', 2],
    ['eve', 3],
  ] as const) {
    await mkdir(join(pictures, person), { recursive: true });
    await writeFile(join(pictures, person, 'a.jpg'), await photograph(number));
    await writeFile(join(pictures, person, 'copy.jpg'), await photograph(number));
  }
  await writeFile(join(pictures, 'eve', 'b.png'), 'no picture');
  const settings = readSettings({ data: server.folder, masterKey: masterKeyText, workers: 2 }, undefined, {});
  const refused: unknown[] = [];
  const order: PictureOrder = {
    origin: { kind: 'folders', folder: pictures },
    appid: undefined,
    isDryRun: false,
    groupId: 'imported',
    onProgress: () => {},
    onRefused: (one) => void refused.push(one),
    onNetworks: () => {},
    signal: new AbortController().signal,
  };
  const report = await importPictures(settings, order, lendNetworks);
  assert.deepEqual([report.persons, report.added, report.known, report.refusals], [3, 3, 3, { formatInvalid: 1 }]);
  assert.deepEqual(refused, [{ person_id: 'eve', picture: 'eve/b.png', reason: 'formatInvalid', detail: '' }]);
  const found = await server.form('identify', { group_id: 'staff', image: await photograph(2) });
  assert.equal(found.data.candidates[0].person_id, 'bob');
  assert.deepEqual((await server.json('getinfo', { person_id: 'eve' })).data.group_ids, ['imported']);
  const again = await importPictures(settings, order, lendNetworks);
  assert.deepEqual([again.persons, again.added, again.known], [0, 0, 6]);
  assert.deepEqual(await readdir(join(server.folder, 'imports')), []);
  assert.deepEqual((await auditOf(server.folder, 'import')).at(-1), [{ from: 'folders' }, 0]);
});

test('a url of a table leads to where the settings allow, and nowhere else', async () => {
  await using server = await startApp();
  const image = await photograph(4);
  const pictures = createServer((_, response) => void response.end(image)).listen(0, '127.0.0.1');
  await new Promise((resolve) => pictures.once('listening', resolve));
  const url = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}/4.jpg`;
  const file = join(folder, 'people.csv');
  await writeFile(file, `person_id,url\nada,${url}\n`);
  const run = async (allowUrlHost: string) => {
    const settings = readSettings(
      { data: server.folder, masterKey: masterKeyText, workers: 2, allowUrlHost },
      undefined,
      {},
    );
    const nothing = {
      isDryRun: false,
      onProgress: () => {},
      onRefused: () => {},
      onNetworks: () => {},
      signal: new AbortController().signal,
    };
    return importPictures(
      settings,
      { ...nothing, origin: { kind: 'csv', file }, appid: server.key.appid, groupId: 'x' },
      lendNetworks,
    );
  };
  assert.deepEqual((await run('')).refusals, { downloadFailed: 1 });
  assert.equal((await run('127.0.0.1')).persons, 1);
  pictures.close();
});

test('a command that is killed leaves an archive or none, and persons whole or not at all; given again, it ends', async () => {
  const data = join(folder, 'killed');
  const settings = readSettings({ data, masterKey: masterKeyText }, undefined, {});
  await using stores = await openData(settings);
  for (const appid of ['1', '2']) await stores.tenants.add(appid, {});
  for (let i = 0; i < 600; i += 1) {
    await stores.of('1').write(async (store) => {
      await store.insertPerson({ id: `p${i}`, name: '', tag: '' });
      for (const k of [0, 1]) {
        const { embedding, ...rest } = face(`${10_000 + 2 * i + k}`, `p${i}`);
        const length = Math.hypot(...embedding);
        await store.insertFace({ ...rest, embedding: embedding.map((value) => value / length) }, limits);
      }
    });
  }
  const exported = ['--appid', '1', '--crops', '--embeddings', '--data', data];
  const whole = join(folder, 'whole.tar');
  assert.equal((await runFamiliar('export', whole, ...exported)).exitCode, 0);
  const countOf = async () => {
    const persons: (readonly unknown[])[] = [];
    await stores
      .archiveOf('2')
      .read({ crops: false, embeddings: false }, async (some) => void persons.push(...some.map(({ faces }) => faces)));
    return persons;
  };
  for (let i = 0; i < 6; i += 1) {
    const target = join(folder, `killed-${i}.tar`);
    await killedAfter(500 + 150 * i, 'export', target, ...exported);
    if ((await readdir(folder)).includes(`killed-${i}.tar`)) {
      assert.equal((await readFile(target)).length, (await readFile(whole)).length);
    }
    await killedAfter(700 + 200 * i, 'import', whole, '--appid', '2', '--data', data);
    const there = await countOf();
    for (const faces of there) assert.equal(faces.length, 2);
  }
  const rest = await runFamiliar('import', whole, '--appid', '2', '--data', data);
  assert.equal(rest.exitCode, 0, rest.errors);
  assert.equal((await countOf()).length, 600);
});

async function killedAfter(ms: number, ...words: readonly string[]): Promise<void> {
  const env = { PATH: process.env.PATH, FAMILIAR_MASTER_KEY: masterKeyText };
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts'), ...words], { stdio: 'ignore', env });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await Promise.race([ended, wait(ms)]);
  child.kill('SIGKILL');
  await ended;
}

test('what is not understood is told with exit code 2, and what is not there with 1', async () => {
  const data = join(folder, 'none');
  const cases = [
    [['export', 'a.tar'], 2, /say whose persons with --appid/],
    [['import'], 2, /say what to import: an archive, or one of --folders, --csv and --compreface/],
    [['import', 'a.tar', '--csv', 'b'], 2, /say what to import/],
    [['import', '--compreface', 'no url', '--api-key', 'k', '--appid', '7', '--data', data], 1, /no url of http/],
    [['import', '--compreface', 'http://h', '--data', data], 2, /name the key of the recognition service/],
    [['import', '--folders', join(folder, 'no-such'), '--data', data], 1, /there is no folder/],
    [['import', join(folder, 'no.tar'), '--data', data], 1, /no\.tar/],
    [['export', 'a.tar', '--appid', '1', '--data', data], 1, /there is no register in .*none/],
  ] as const;
  for (const [words, exitCode, said] of cases) {
    const ended = await runFamiliar(...words);
    assert.deepEqual([ended.exitCode, said.test(ended.errors)], [exitCode, true], ended.errors);
  }
});
