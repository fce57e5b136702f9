import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { runHere } from './terminal.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-tenants-'));
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

const familiar = (...words: string[]) => runHere(...words, '--data', data);
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
async function json(...words: string[]): Promise<any> {
  const { exitCode, output, errors } = await familiar(...words, '--json');
  assert.equal(exitCode, 0, errors);
  return JSON.parse(output);
}

const defaults = {
  calls_per_second: null,
  calls_in_flight: null,
  pictures_in_flight: null,
  pictures_per_month: null,
  persons: null,
  faces: null,
  bytes: null,
  groups: null,
  enrol_quality: null,
  resembling: null,
  resembling_score: null,
  retention_days: null,
  retention: null,
};

test('what an appid wants of faces that resemble others, and of persons who are not seen, is a word or a number', async () => {
  const words = ['--resembling', 'warn', '--resembling-score', '95', '--retention-days', '30', '--retention', 'erase'];
  const added = await json('tenants', 'add', '7', ...words);
  const wanted = { resembling: 'warn', resembling_score: 95, retention_days: 30, retention: 'erase' };
  assert.deepEqual(added.limits, { ...defaults, ...wanted });
  const changed = await json('tenants', 'set', '7', '--resembling', 'default', '--retention', 'list');
  assert.deepEqual(changed.limits, { ...defaults, ...wanted, resembling: null, retention: 'list' });
  const wrong = await familiar('tenants', 'set', '7', '--resembling', 'perhaps');
  assert.deepEqual([wrong.exitCode, wrong.errors], [2, 'resembling perhaps: one of warn, refuse, default\n']);
});

test('an appid is added with limits, shown, changed, and listed', async () => {
  const added = await json(
    ...['tenants', 'add', '7', '--calls-per-second', '5', '--groups', '3', '--note', 'the till'],
  );
  assert.deepEqual(added.limits, { ...defaults, calls_per_second: 5, groups: 3 });
  assert.deepEqual(await json('tenants', 'show', '7'), added);
  const changed = await json(
    'tenants',
    'set',
    '7',
    '--groups',
    'default',
    '--enrol-quality',
    '0',
    '--bucket',
    'b',
    'a',
  );
  assert.deepEqual(changed.limits, { ...defaults, calls_per_second: 5, enrol_quality: 0 });
  assert.deepEqual([changed.appid, changed.note, changed.buckets], ['7', 'the till', ['a', 'b']]);
  assert.deepEqual(await json('tenants', 'list'), [changed]);
  assert.match(
    (await familiar('tenants', 'list')).output,
    /^appid .*\n7 +0 +0 +0 +calls-per-second=5 enrol-quality=0 +the till\n$/,
  );
  const { output } = await familiar('tenants', 'set', '7', '--no-buckets', '--note', '');
  assert.match(output, /^appid +7$/m);
  assert.match(output, /^note$/m);
  assert.match(output, /^buckets$/m);
  assert.match(output, /^calls_per_second +5$/m);
  assert.match(output, /^groups +default$/m);
});

test('an order that is not understood changes nothing, and says what is wrong', async () => {
  for (const [words, message] of [
    [['tenants', 'add', 'a b'], /^appid must be/],
    [
      ['tenants', 'add', '7', '--calls-in-flight', '0'],
      /^calls-in-flight 0: a whole number from 1 to 1000000, or default\n$/,
    ],
    [['tenants', 'add', '7', '--groups', '1.5'], /^groups 1\.5: a whole number/],
    [['tenants', 'add', '7', '--groups', ''], /^groups : a whole number/],
    [['tenants', 'add', '7', '--enrol-quality', '101'], /from 0 to 100/],
    [['tenants', 'add', '7', '--note', 'two\nlines'], /^note must be one line/],
    [['keys', 'add', '--name', 'x'.repeat(1_001)], /^name must be one line/],
    [['keys', 'add', '--expires', 'tomorrow'], /^expires tomorrow: spell it as 2027-01-31/],
    [['keys', 'add', '--expires', '2027-13-31'], /^expires/],
    [
      ['keys', 'add', '--endpoints', 'reader,nothing'],
      /^there is no endpoint nothing: name endpoints, reader, enroller/,
    ],
    [['keys', 'add', '--endpoints', 'all,getinfo'], /^there is no endpoint all/],
  ] as const) {
    const { exitCode, output, errors } = await familiar(...words);
    assert.deepEqual([exitCode, output], [2, ''], words.join(' '));
    assert.match(errors, message);
  }
  assert.equal(existsSync(data), false);
});

test('what is not there is not changed, and what is there is not added again', async () => {
  for (const words of [
    ['tenants', 'show', '7'],
    ['tenants', 'set', '7', '--note', 'n'],
    ['keys', 'show', 'S'],
    ['keys', 'set', 'S', '--name', 'n'],
  ]) {
    const { exitCode, errors } = await familiar(...words);
    assert.deepEqual(
      [exitCode, errors],
      [1, `there is no ${words[0] === 'keys' ? 'key with the SecretId S' : 'appid 7'}\n`],
    );
  }
  assert.equal(existsSync(data), false);
  assert.match((await familiar('tenants', 'list')).output, /^There are no appids/);
  await familiar('tenants', 'add', '7');
  const again = await familiar('tenants', 'add', '7', '--groups', '5');
  assert.deepEqual([again.exitCode, again.errors], [1, 'there is an appid 7 already\n']);
  assert.equal((await json('tenants', 'show', '7')).limits.groups, null);
  assert.equal((await familiar('tenants', 'set', '8', '--groups', '5')).exitCode, 1);
});

test('a key has a name, an end and endpoints, which are set together or one by one', async () => {
  const file = join(folder, 'secret');
  await writeFile(file, 'kept-secret\n');
  const words = [
    '--appid',
    '7',
    '--secret-id',
    'S',
    '--secret-key-file',
    file,
    '--name',
    'till',
    '--endpoints',
    'reader',
  ];
  const added = await json('keys', 'add', ...words, '--expires', '2027-01-31');
  assert.equal(added.secret_key, 'kept-secret');
  const shown = await json('keys', 'show', 'S');
  assert.deepEqual([shown.name, shown.expires, shown.last_used], ['till', '2027-01-31T00:00:00.000Z', null]);
  assert.ok(shown.endpoints.includes('identify') && !shown.endpoints.includes('delperson'));
  const changed = await json(
    'keys',
    'set',
    'S',
    '--endpoints',
    'enroller, getinfo',
    '--expires',
    '2027-01-31T12:00:00+08:00',
  );
  assert.deepEqual(changed.endpoints, ['newperson', 'addface', 'setinfo', 'getinfo', 'addgroupids']);
  assert.deepEqual([changed.name, changed.expires], ['till', '2027-01-31T04:00:00.000Z']);
  const free = await json('keys', 'set', 'S', '--endpoints', 'all', '--expires', 'never', '--name', '');
  assert.deepEqual([free.name, free.expires, free.endpoints], [null, null, null]);
  await json('keys', 'add', '--appid', '8', '--secret-id', 'T');
  assert.deepEqual(
    (await json('keys', 'list', '--appid', '7')).map((key: { secret_id: string }) => key.secret_id),
    ['S'],
  );
  const { output } = await familiar('keys', 'show', 'S');
  assert.match(output, /^endpoints +all$/m);
  assert.ok(!output.includes('kept-secret'));
});
