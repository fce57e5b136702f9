import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { readSettings } from '../../src/app/settings.ts';
import { runHere } from './terminal.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-keys-'));
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

const keys = (...words: string[]) => runHere('keys', ...words, '--data', data);
const openStores = () => openData(readSettings({ data }, undefined, {}));

test('a key is added with credentials that exist, and printed once', async () => {
  const added = await keys(
    ...['add', '--appid', '10001290', '--secret-id', 'AKIDx', '--secret-key', 'kept-secret'],
    ...['--bucket', 'one', 'two', '--json'],
  );
  assert.equal(added.exitCode, 0);
  assert.match(added.errors, new RegExp(`^A master key was made in ${data}\\.key\\. Keep it`));
  const shown = { appid: '10001290', secret_id: 'AKIDx', secret_key: 'kept-secret', buckets: ['one', 'two'] };
  assert.deepEqual(JSON.parse(added.output), { ...shown, name: null, expires: null, endpoints: null });
  await using stores = await openStores();
  assert.deepEqual(await stores.keys.findTenant('10001290'), {
    appid: '10001290',
    buckets: ['one', 'two'],
    limits: {},
  });
  const { createdAt, ...key } = (await stores.keys.findKey('AKIDx')) ?? assert.fail('the key is kept');
  assert.deepEqual(key, { appid: '10001290', secretId: 'AKIDx', secretKey: 'kept-secret', revokedAt: null });
  assert.ok(Math.abs(Date.now() - createdAt) < 3_600_000, 'it is dated now');
});

test('a key is made where no credentials are given, and shown in a table to a person', async () => {
  const made = JSON.parse((await keys('add', '--json')).output);
  assert.match(made.secret_id, /^AKID\w{32}$/);
  assert.match(made.secret_key, /^\w{32}$/);
  assert.deepEqual(made.buckets, []);
  const { output } = await keys('add', '--appid', '7', '--secret-id', 'S', '--secret-key', 'K');
  assert.equal(output, 'appid  secret_id  secret_key\n7      S          K\n');
});

test('a SecretId that is there already is refused, and its key stays as it is', async () => {
  await keys('add', '--secret-id', 'AKIDx', '--secret-key', 'first');
  const twice = await keys('add', '--secret-id', 'AKIDx', '--secret-key', 'second');
  assert.deepEqual(twice, { exitCode: 1, output: '', errors: 'there is a key with the SecretId AKIDx already\n' });
  await using stores = await openStores();
  assert.equal((await stores.keys.findKey('AKIDx'))?.secretKey, 'first');
});

test('credentials that would not survive a signature are refused, and nothing is made', async () => {
  const wrong = ['', 'a b', 'a\n', '\na', 'a ', ' a', 'a\nb', 'a=b', 'a&b', 'a/b', 'é', 'x'.repeat(129)];
  for (const [flag, name] of [
    ['--appid', 'appid'],
    ['--secret-id', 'secretId'],
    ['--secret-key', 'secretKey'],
  ] as const) {
    for (const value of wrong) {
      const { exitCode, output, errors } = await keys('add', flag, value);
      assert.deepEqual([exitCode, output], [2, ''], JSON.stringify(value));
      assert.match(errors, new RegExp(`^${name} must be 1 to 128 letters`));
    }
  }
  assert.equal(existsSync(data), false);
  for (const value of ['a', '-._', 'Z9', 'x'.repeat(128)]) {
    const { exitCode } = await keys('add', `--secret-id=${value}`);
    assert.equal(exitCode, 0, value);
  }
});

test('keys are listed in order, without their SecretKeys, and a revoked one says when', async () => {
  assert.match((await keys('list')).output, /^There are no keys; `familiar keys add` makes one\.\n$/);
  assert.deepEqual(JSON.parse((await keys('list', '--json')).output), []);
  for (const id of ['S1', 'S2']) await keys('add', '--appid', '7', '--secret-id', id, '--secret-key', 'kept-secret');
  await keys('revoke', 'S1');
  const [table, json] = [await keys('list'), await keys('list', '--json')];
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.source;
  assert.match(
    table.output,
    new RegExp(
      `^appid  secret_id  name  expires  created +last_used  revoked +endpoints\n` +
        `7      S1                        ${time}             ${time}  all\n7      S2                        ${time} +all\n$`,
    ),
  );
  const listed = JSON.parse(json.output) as { secret_id: string; created: string; revoked: string | null }[];
  assert.deepEqual(
    listed.map(({ secret_id, revoked }) => [secret_id, revoked !== null]),
    [
      ['S1', true],
      ['S2', false],
    ],
  );
  assert.ok(!table.output.includes('kept-secret') && !json.output.includes('kept-secret'));
});

test('reports about nothing make nothing, and so does an order to change it', async () => {
  assert.deepEqual([(await keys('list')).exitCode, (await runHere('usage', '--data', data)).exitCode], [0, 0]);
  for (const words of [
    ['keys', 'revoke', 'x'],
    ['keys', 'rotate-master'],
    ['tenants', 'remove', '7'],
  ]) {
    const { exitCode, output } = await runHere(...words, '--data', data);
    assert.deepEqual([exitCode, output], [1, ''], words.join(' '));
  }
  assert.deepEqual(await readdir(folder), []);
});

test('reports leave no file beside the register, whether or not somebody has it open', async () => {
  await keys('add', '--secret-id', 'S1');
  const [alone] = [await readdir(data), await keys('list'), await runHere('usage', '--data', data)];
  assert.deepEqual(await readdir(data), alone);
  await using stores = await openStores();
  await stores.keys.addKey(makeKey(0, { secretId: 'S2' }), []);
  const opened = await readdir(data);
  assert.match((await keys('list')).output, /S2/, 'what is in the log is seen');
  assert.deepEqual(await readdir(data), opened);
});

test('the master key is changed by a command, and the keys stay', async () => {
  await keys('add', '--secret-id', 'S1', '--secret-key', 'kept-secret');
  const before = await readFile(`${data}.key`, 'utf8');
  const told = await keys('rotate-master');
  assert.deepEqual([told.exitCode, told.errors], [0, '']);
  assert.match(told.output, new RegExp(`^The master key is [0-9a-f]{16} now, in ${data}\\.key\\.\n`));
  const after = await readFile(`${data}.key`, 'utf8');
  assert.notEqual(after, before);
  assert.ok(!told.output.includes(after.trim()));
  await writeFile(join(folder, 'next'), before);
  const again = await keys('rotate-master', '--new-key-file', join(folder, 'next'), '--json');
  assert.match(JSON.parse(again.output).fingerprint, /^[0-9a-f]{16}$/);
  assert.equal(await readFile(`${data}.key`, 'utf8'), before);
  await using stores = await openStores();
  assert.equal((await stores.keys.findKey('S1'))?.secretKey, 'kept-secret');
});

test('an appid is ended by a command, once', async () => {
  for (const appid of ['7', '8']) await keys('add', '--appid', appid, '--secret-id', `S${appid}`);
  const told = await runHere('tenants', 'remove', '7', '--data', data);
  assert.deepEqual([told.exitCode, told.errors], [0, '']);
  assert.match(told.output, /^7 is ended: its data key is destroyed/);
  const again = await runHere('tenants', 'remove', '7', '--data', data);
  assert.deepEqual(again, { exitCode: 1, output: '', errors: 'there is no appid 7\n' });
  const json = await runHere('tenants', 'remove', '8', '--data', data, '--json');
  assert.deepEqual(JSON.parse(json.output), { appid: '8', removed: true });
  assert.match((await keys('list')).output, /^There are no keys/);
});

test('a key is revoked once', async () => {
  for (const id of ['S1', 'S2']) await keys('add', '--secret-id', id);
  assert.deepEqual(await keys('revoke', 'S1'), { exitCode: 0, output: 'S1 is revoked.\n', errors: '' });
  const told = await keys('revoke', 'S2', '--json');
  assert.deepEqual([told.exitCode, JSON.parse(told.output)], [0, { secret_id: 'S2', revoked: true }]);
  for (const id of ['S1', 'nothing']) {
    const again = await keys('revoke', id);
    assert.deepEqual([again.exitCode, again.output], [1, '']);
    assert.match(again.errors, new RegExp(`no key with the SecretId ${id}, or it is revoked already`));
  }
  assert.equal((await keys('revoke')).exitCode, 2, 'the SecretId must be named');
});
