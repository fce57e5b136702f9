/** The doctor as a whole, and its checks of the machine: what passes them, what they find wrong, and the mend that they name. */
import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { modelsFolder } from '../../src/app/analyzer.ts';
import { examine } from '../../src/app/doctor/examine.ts';
import { databaseFile } from '../../src/app/register.ts';
import { announce } from '../../src/app/running.ts';
import type { Settings } from '../../src/app/settings.ts';
import { addKeys, assertFault, find, good, installEach, passed } from './installed.ts';

const installed = installEach();

/** Every file below a folder. */
const tree = (path: string): Promise<string[]> => readdir(path, { recursive: true }).then((names) => names.toSorted());

test('nothing is wrong with a good installation, and nothing is made in it or beside it', async () => {
  await addKeys(installed, [false]);
  const before = await tree(installed.folder);
  const findings = await examine(installed.settings, good);
  const key = findings.find(({ check }) => check === 'master key');
  assert.match(key?.found ?? '', new RegExp(`^[0-9a-f]{16}, from ${installed.folder}/data.key$`));
  assert.deepEqual(findings, [
    passed('node', 'Node 26.9.0'),
    passed('data folder', `${installed.settings.data} can be written`),
    passed('disk space', '5.3 GiB free'),
    passed('register', `${join(installed.settings.data, databaseFile)} opens and answers`),
    key,
    passed('keys', '1 good key'),
    passed('first key file', 'is not there, and need not be'),
    passed('model pack', 'builtin is in use'),
    passed('networks', 'loaded, model 0123456789ab'),
    passed('port', '127.0.0.1:0 is free'),
  ]);
  assert.deepEqual(await tree(installed.folder), before);
});

test('before the first start only a key is missing, and nothing is made', async () => {
  const findings = await examine(installed.settings, good);
  assert.deepEqual(
    findings.filter(({ ok }) => !ok).map(({ check }) => check),
    ['keys'],
  );
  const told = Object.fromEntries(findings.map(({ check, found }) => [check, found]));
  assert.equal(told['data folder'], `${installed.settings.data} is not there yet, and can be made`);
  assert.equal(told.register, 'there is none yet; the first start makes one');
  assert.equal(told['master key'], `there is none yet; the first start makes ${installed.folder}/data.key`);
  assert.deepEqual(await readdir(installed.folder), []);
});

test('every check runs, whatever the ones before it found', async () => {
  await mkdir(installed.settings.data);
  await writeFile(join(installed.settings.data, databaseFile), 'this is no database'.repeat(100));
  await writeFile(join(installed.folder, 'data.key'), 'no key');
  const findings = await examine(installed.settings, { ...good, nodeVersion: '20.0.0' });
  assert.deepEqual(
    findings.map(({ check, ok }) => [check, ok]),
    [
      ['node', false],
      ['data folder', true],
      ['disk space', true],
      ['register', false],
      ['master key', false],
      ['keys', false],
      ['first key file', true],
      ['model pack', true],
      ['networks', true],
      ['port', true],
    ],
  );
  assert.ok(findings.every(({ ok, mend }) => ok || mend !== ''));
});

test('a Node that is too old is a fault', async () => {
  assertFault(await find(installed, 'node', { nodeVersion: '25.9.1' }), /Node 25\.9\.1/, /npm start/);
  assert.equal((await find(installed, 'node', { nodeVersion: '26.0.0' })).ok, true);
});

test('a data folder that cannot be made is a fault', async () => {
  const file = join(installed.folder, 'file');
  await writeFile(file, '');
  for (const data of [file, join(file, 'data')]) {
    assertFault(
      await find(installed, 'data folder', {}, { data }),
      /is a file/,
      /A file stands where a folder is needed.*--data/,
    );
  }
  const nowhere = await find(installed, 'data folder', {}, { data: '/proc/familiar/data' });
  // Who may do everything is told of it by the system only when it tries.
  if (process.getuid?.() !== 0) assertFault(nowhere, /EACCES/, /right to read and write \/proc/);
});

test('less than a gibibyte of free space is a fault, and a full disk is told as such', async () => {
  await mkdir(installed.settings.data);
  const asked: string[] = [];
  const free = (bytes: number) => (data: string) => {
    asked.push(data);
    return Promise.resolve(bytes);
  };
  assertFault(await find(installed, 'disk space', { freeBytes: free(2 ** 30 - 1) }), /GiB free/, /room where .*-1200/);
  assertFault(await find(installed, 'disk space', { freeBytes: free(0) }), /^the disk is full$/, /room where .*-1200/);
  assert.deepEqual(
    await find(installed, 'disk space', { freeBytes: free(2 ** 30) }),
    passed('disk space', '1.0 GiB free'),
  );
  assert.deepEqual(asked, [installed.settings.data, installed.settings.data, installed.settings.data]);
});

test('a note of the pack in use that cannot be read is a fault', async () => {
  await mkdir(join(installed.settings.data, 'packs'), { recursive: true });
  for (const note of ['{', '{}', '{"name": "absent"}']) {
    await writeFile(join(installed.settings.data, 'packs', 'in-use.json'), note);
    assertFault(await find(installed, 'model pack'), /in-use\.json|absent is in use/, /models use builtin/);
  }
});

test('networks that do not load are a fault, and those that do are closed again', async () => {
  const openAnalyzer = () => Promise.reject(new Error('a file is damaged'));
  const models = new RegExp(`npm ci.*remove ${join(installed.settings.data, modelsFolder)}`);
  assertFault(await find(installed, 'networks', { openAnalyzer }), /a file is damaged/, models);
  const events: string[] = [];
  const opened = async ({ workers }: Settings) => {
    events.push(`opened with ${workers}`);
    return { model: 'm', [Symbol.asyncDispose]: async () => void events.push('closed') };
  };
  assert.deepEqual(await find(installed, 'networks', { openAnalyzer: opened }), passed('networks', 'loaded, model m'));
  assert.deepEqual(events, ['opened with 1', 'closed']);
});

test('a port that another program listens on is a fault', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const other = port === 65_535 ? port - 1 : port + 1;
  assertFault(
    await find(installed, 'port', {}, { port }),
    /EADDRINUSE/,
    new RegExp(`Another program .*--port ${other}`),
  );
  assertFault(
    await find(installed, 'port', {}, { host: '192.0.2.1' }),
    /EADDRNOTAVAIL/,
    /no address of this machine.*--host/,
  );
});

test('no port is proposed that there is not', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const isOurs = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(65_535, '127.0.0.1', () => resolve(true));
  });
  // Whoever has it, it is taken.
  assert.ok(isOurs || !server.listening);
  assertFault(await find(installed, 'port', {}, { port: 65_535 }), /EADDRINUSE/, /--port 65534\./);
});

test('the port of the server of this data folder is no fault; a note that a killed server left says nothing', async (t) => {
  await mkdir(installed.settings.data);
  const server = createHttpServer((_, response) => void response.end('{}'));
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  {
    await using _ = await announce(installed.settings.data, { url, adminUrl: url });
    const found = `127.0.0.1:${port} has the server of this data folder, process ${process.pid}`;
    assert.deepEqual(await find(installed, 'port', {}, { port }), passed('port', found));
    assertFault(await find(installed, 'port', {}, { port, data: installed.folder }), /EADDRINUSE/, /Another program/);
  }
  assert.deepEqual(await readdir(installed.settings.data), []);
  // No process has this number: 2^22 is Linux's greatest.
  await writeFile(join(installed.settings.data, 'running.json'), JSON.stringify({ pid: 2 ** 22 + 1, url }));
  assertFault(await find(installed, 'port', {}, { port }), /EADDRINUSE/, /Another program/);
});
