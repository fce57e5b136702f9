/** Each of the doctor's checks: what passes it, what it finds wrong, and the mend that it names. */
import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { afterEach, beforeEach } from 'node:test';
import { modelsFolder, openData } from '../../src/app/create-app.ts';
import type { Finding, Machine } from '../../src/app/doctor/check.ts';
import { examine } from '../../src/app/doctor/examine.ts';
import { firstKeyFile, makeKey } from '../../src/app/first-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { announce } from '../../src/app/running.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';
import { masterKeyText } from '../master-key.ts';

let folder: string;
let settings: Settings;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-doctor-'));
  settings = readSettings({ data: join(folder, 'data'), port: 0 }, undefined, {});
});
afterEach(() => rm(folder, { recursive: true }));

/** A machine on which nothing is wrong. */
const good: Machine = {
  nodeVersion: '26.9.0',
  freeBytes: async () => 5.25 * 2 ** 30,
  openAnalyzer: async () => ({ model: '0123456789abcdef', [Symbol.asyncDispose]: async () => {} }),
};

/** What one check finds. */
async function find(check: string, machine: Partial<Machine> = {}, changed: Partial<Settings> = {}) {
  const findings = await examine({ ...settings, ...changed }, { ...good, ...machine });
  return findings.find((finding) => finding.check === check) ?? assert.fail(`there is no check called ${check}`);
}

const passed = (check: string, found: string): Finding => ({ check, ok: true, found, mend: '' });

/** Passes if a check found a fault and named a mend. */
function assertFault(finding: Finding, found: RegExp, mend: RegExp): void {
  assert.equal(finding.ok, false, finding.check);
  assert.match(finding.found, found);
  assert.match(finding.mend, mend);
}

/** Adds keys, revoked ones and good ones. */
async function addKeys(revoked: readonly boolean[]): Promise<void> {
  await using stores = await openData(settings);
  for (const isRevoked of revoked) {
    const key = makeKey(0);
    await stores.keys.addKey(key, []);
    if (isRevoked) await stores.keys.revokeKey(key.secretId, 1);
  }
}

/** Every file below a folder. */
const tree = (path: string): Promise<string[]> => readdir(path, { recursive: true }).then((names) => names.toSorted());

test('nothing is wrong with a good installation, and nothing is made in it or beside it', async () => {
  await addKeys([false]);
  const before = await tree(folder);
  const findings = await examine(settings, good);
  const key = findings.find(({ check }) => check === 'master key');
  assert.match(key?.found ?? '', new RegExp(`^[0-9a-f]{16}, from ${folder}/data.key$`));
  assert.deepEqual(findings, [
    passed('node', 'Node 26.9.0'),
    passed('data folder', `${settings.data} can be written`),
    passed('disk space', '5.3 GiB free'),
    passed('register', `${join(settings.data, databaseFile)} opens and answers`),
    key,
    passed('keys', '1 good key'),
    passed('first key file', 'is not there, and need not be'),
    passed('model pack', 'builtin is in use'),
    passed('networks', 'loaded, model 0123456789ab'),
    passed('port', '127.0.0.1:0 is free'),
  ]);
  assert.deepEqual(await tree(folder), before);
});

test('before the first start only a key is missing, and nothing is made', async () => {
  const findings = await examine(settings, good);
  assert.deepEqual(
    findings.filter(({ ok }) => !ok).map(({ check }) => check),
    ['keys'],
  );
  const told = Object.fromEntries(findings.map(({ check, found }) => [check, found]));
  assert.equal(told['data folder'], `${settings.data} is not there yet, and can be made`);
  assert.equal(told.register, 'there is none yet; the first start makes one');
  assert.equal(told['master key'], `there is none yet; the first start makes ${folder}/data.key`);
  assert.deepEqual(await readdir(folder), []);
});

test('every check runs, whatever the ones before it found', async () => {
  await mkdir(settings.data);
  await writeFile(join(settings.data, databaseFile), 'this is no database'.repeat(100));
  await writeFile(join(folder, 'data.key'), 'no key');
  const findings = await examine(settings, { ...good, nodeVersion: '20.0.0' });
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
  assertFault(await find('node', { nodeVersion: '25.9.1' }), /Node 25\.9\.1/, /npm start/);
  assert.equal((await find('node', { nodeVersion: '26.0.0' })).ok, true);
});

test('a data folder that cannot be made is a fault', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  for (const data of [file, join(file, 'data')]) {
    assertFault(await find('data folder', {}, { data }), /is a file/, /A file stands where a folder is needed.*--data/);
  }
  const nowhere = await find('data folder', {}, { data: '/proc/familiar/data' });
  // Who may do everything is told of it by the system only when it tries.
  if (process.getuid?.() !== 0) assertFault(nowhere, /EACCES/, /right to read and write \/proc/);
});

test('less than a gibibyte of free space is a fault, and a full disk is told as such', async () => {
  await mkdir(settings.data);
  const asked: string[] = [];
  const free = (bytes: number) => (data: string) => {
    asked.push(data);
    return Promise.resolve(bytes);
  };
  assertFault(await find('disk space', { freeBytes: free(2 ** 30 - 1) }), /GiB free/, /room where .*-1200/);
  assertFault(await find('disk space', { freeBytes: free(0) }), /^the disk is full$/, /room where .*-1200/);
  assert.deepEqual(await find('disk space', { freeBytes: free(2 ** 30) }), passed('disk space', '1.0 GiB free'));
  assert.deepEqual(asked, [settings.data, settings.data, settings.data]);
});

test('a register that is damaged, too new or locked away is a fault, each with a remedy of its own', async () => {
  await addKeys([false]);
  const file = join(settings.data, databaseFile);
  const kept = join(folder, 'kept.db');
  await cp(file, kept);
  await writeFile(file, 'this is no database'.repeat(100));
  assertFault(await find('register'), /familiar\.db: file is not a database/, /backup .* `.*doctor --deep` names/);
  await cp(kept, file);
  {
    using newer = new DatabaseSync(file);
    newer.exec(`insert into kysely_migration values ('9999', '2100-01-01T00:00:00.000Z')`);
  }
  assertFault(await find('register'), /version 9999/, /version of familiar that wrote it, or a newer one/);
  assertFault(await find('keys'), /register cannot be read.*9999/, /newer one/);
  await cp(kept, file);
  if (process.getuid?.() !== 0) {
    await chmod(file, 0o400);
    assertFault(await find('register'), /EACCES/, /right to read and write .*familiar\.db/);
    await chmod(file, 0o600);
  }
  assert.equal((await find('register')).ok, true);
});

test('a register whose file is gone is a fault, and not taken for one that was never there', async () => {
  await addKeys([false]);
  await rm(join(settings.data, databaseFile));
  assertFault(await find('register'), /familiar\.db is gone, and it was there/, /backup.*--new-register/);
  await writeFile(join(settings.data, 'register.json'), '{');
  assertFault(await find('register'), /register\.json cannot be read/, /Remove .*register\.json if no file/);
});

test('a register of an older version is no fault: the next start makes it of this one', async () => {
  await addKeys([false]);
  {
    using older = new DatabaseSync(join(settings.data, databaseFile));
    older.exec(`delete from kysely_migration where name > '0002'`);
  }
  const finding = await find('register');
  assert.equal(finding.ok, true);
  assert.match(finding.found, /version 0002; the next start of the server makes it/);
});

test('a master key that is missing, another one, in the data folder or open to others is a fault', async () => {
  await addKeys([false]);
  const file = join(folder, 'data.key');
  await chmod(file, 0o640);
  assert.equal((await find('master key')).mend, `chmod 600 ${file}`);
  await chmod(file, 0o600);
  const another = await find('master key', {}, { masterKey: masterKeyText });
  assertFault(another, /needs the key [0-9a-f]{16}, and FAMILIAR_MASTER_KEY holds [0-9a-f]{16}/, /--master-key-file/);
  const inside = join(settings.data, 'master');
  await rename(file, inside);
  assertFault(await find('master key'), /data\.key is not there, and the register needs the key/, /Put the file back/);
  assertFault(
    await find('master key', {}, { masterKeyFile: inside }),
    /is in the data folder/,
    /Move it .*--master-key-file/,
  );
  await writeFile(file, 'no key');
  assertFault(await find('master key'), /holds no master key/, /Put the right key there/);
});

test('a revoked key is no good key, and without a good one there is a fault', async () => {
  await addKeys([]);
  assertFault(await find('keys'), /no key that is not revoked/, /keys add/);
  await addKeys([true]);
  assertFault(await find('keys'), /no key that is not revoked/, /keys add/);
  await addKeys([false, true]);
  assert.deepEqual(await find('keys'), passed('keys', '1 good key'));
  await addKeys([false]);
  assert.deepEqual(await find('keys'), passed('keys', '2 good keys'));
});

test('a first key file that its group or anyone else may read or write is a fault', async () => {
  await addKeys([false]);
  const path = join(settings.data, firstKeyFile);
  for (const mode of [0o640, 0o604, 0o620]) {
    await writeFile(path, '{}', { mode });
    // The process's mask may have taken bits from a new file.
    await chmod(path, mode);
    const finding = await find('first key file');
    assertFault(finding, new RegExp(`mode ${mode.toString(8)}`), /./);
    assert.equal(finding.mend, `chmod 600 ${path}`);
  }
  await chmod(path, 0o600);
  const told = 'only its owner may read it; delete it once you have read it';
  assert.deepEqual(await find('first key file'), passed('first key file', told));
});

test('a first key file that is none is a fault while the next start would read it', async () => {
  await addKeys([]);
  const path = join(settings.data, firstKeyFile);
  await writeFile(path, '{', { mode: 0o600 });
  assertFault(await find('first key file'), /first-key\.json cannot be read/, /Move .*first-key\.json away/);
  await addKeys([false]);
  assert.equal((await find('first key file')).ok, true);
});

test('a note of the pack in use that cannot be read is a fault', async () => {
  await mkdir(join(settings.data, 'packs'), { recursive: true });
  for (const note of ['{', '{}', '{"name": "absent"}']) {
    await writeFile(join(settings.data, 'packs', 'in-use.json'), note);
    assertFault(await find('model pack'), /in-use\.json|absent is in use/, /models use builtin/);
  }
});

test('networks that do not load are a fault, and those that do are closed again', async () => {
  const openAnalyzer = () => Promise.reject(new Error('a file is damaged'));
  const models = new RegExp(`npm ci.*remove ${join(settings.data, modelsFolder)}`);
  assertFault(await find('networks', { openAnalyzer }), /a file is damaged/, models);
  const events: string[] = [];
  const opened = async ({ workers }: Settings) => {
    events.push(`opened with ${workers}`);
    return { model: 'm', [Symbol.asyncDispose]: async () => void events.push('closed') };
  };
  assert.deepEqual(await find('networks', { openAnalyzer: opened }), passed('networks', 'loaded, model m'));
  assert.deepEqual(events, ['opened with 1', 'closed']);
});

test('a port that another program listens on is a fault', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const other = port === 65_535 ? port - 1 : port + 1;
  assertFault(await find('port', {}, { port }), /EADDRINUSE/, new RegExp(`Another program .*--port ${other}`));
  assertFault(await find('port', {}, { host: '192.0.2.1' }), /EADDRNOTAVAIL/, /no address of this machine.*--host/);
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
  assertFault(await find('port', {}, { port: 65_535 }), /EADDRINUSE/, /--port 65534\./);
});

test('the port of the server of this data folder is no fault; a note that a killed server left says nothing', async (t) => {
  await mkdir(settings.data);
  const server = createHttpServer((_, response) => void response.end('{}'));
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  {
    await using _ = await announce(settings.data, url);
    const found = `127.0.0.1:${port} has the server of this data folder, process ${process.pid}`;
    assert.deepEqual(await find('port', {}, { port }), passed('port', found));
    assertFault(await find('port', {}, { port, data: folder }), /EADDRINUSE/, /Another program/);
  }
  assert.deepEqual(await readdir(settings.data), []);
  // No process has this number: 2^22 is Linux's greatest.
  await writeFile(join(settings.data, 'running.json'), JSON.stringify({ pid: 2 ** 22 + 1, url }));
  assertFault(await find('port', {}, { port }), /EADDRINUSE/, /Another program/);
});
