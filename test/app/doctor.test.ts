/** Each of the doctor's checks: what passes it, what it finds wrong, and the mend that it names. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { modelsFolder, openData } from '../../src/app/create-app.ts';
import { examine, type Finding, type Machine } from '../../src/app/doctor.ts';
import { firstKeyFile, makeKey } from '../../src/app/first-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';

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

test('nothing is wrong with a good installation, and nothing is left in it', async () => {
  await addKeys([false]);
  const before = await readdir(settings.data);
  assert.deepEqual(await examine(settings, good), [
    passed('node', 'Node 26.9.0'),
    passed('data folder', `${settings.data} can be written`),
    passed('disk space', '5.3 GiB free'),
    passed('register', `${join(settings.data, databaseFile)} opens and answers`),
    passed('keys', '1 good key'),
    passed('first key file', 'is not there, and need not be'),
    passed('networks', 'loaded, model 0123456789ab'),
    passed('port', '127.0.0.1:0 is free'),
  ]);
  assert.deepEqual(await readdir(settings.data), before);
});

test('every check runs, whatever the ones before it found', async () => {
  const findings = await examine(settings, { ...good, nodeVersion: '20.0.0' });
  assert.deepEqual(
    findings.map(({ check, ok }) => [check, ok]),
    [
      ['node', false],
      ['data folder', true],
      ['disk space', true],
      ['register', true],
      ['keys', false],
      ['first key file', true],
      ['networks', true],
      ['port', true],
    ],
  );
});

test('a Node that is too old is a fault', async () => {
  assertFault(await find('node', { nodeVersion: '25.9.1' }), /Node 25\.9\.1/, /npm start/);
  assert.equal((await find('node', { nodeVersion: '26.0.0' })).ok, true);
});

test('a data folder that cannot be made is a fault, and one that is made is for its owner alone', async () => {
  assert.equal((await find('data folder')).ok, true);
  assert.equal((await stat(settings.data)).mode & 0o777, 0o700);
  const file = join(folder, 'file');
  await writeFile(file, '');
  const data = join(file, 'data');
  assertFault(await find('data folder', {}, { data }), /ENOTDIR/, /right to write .*file\/data, or .* --data/);
});

test('less than a gibibyte of free space is a fault', async () => {
  const asked: string[] = [];
  const free = (bytes: number) => (data: string) => {
    asked.push(data);
    return Promise.resolve(bytes);
  };
  assertFault(await find('disk space', { freeBytes: free(2 ** 30 - 1) }), /GiB free/, /room where .*-1200/);
  assert.deepEqual(await find('disk space', { freeBytes: free(2 ** 30) }), passed('disk space', '1.0 GiB free'));
  assert.deepEqual(asked, [settings.data, settings.data]);
});

test('a register that does not open is a fault', async () => {
  await addKeys([false]);
  await writeFile(join(settings.data, databaseFile), 'this is no database'.repeat(100));
  assertFault(await find('register'), /./, /Stop every process that uses .*familiar\.db; .* backup/);
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
  assert.deepEqual(await find('first key file'), passed('first key file', 'only its owner may read it'));
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

test('a port that something listens on is a fault', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  assertFault(await find('port', {}, { port }), /EADDRINUSE/, new RegExp(`--port ${port + 1}`));
});
