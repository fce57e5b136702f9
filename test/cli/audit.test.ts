import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { accountName } from '../../src/store/audit/act.ts';
import { act, call, registerWithFace } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-audit-'));
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

const audit = (...words: string[]) => runHere('audit', ...words, '--data', data);
const openStores = () => openData(readSettings({ data }, undefined, {}));

/** A register with a key, and a person that was registered by a call and one that was erased by it. */
async function fill(): Promise<void> {
  await runHere('keys', 'add', '--appid', '1001', '--secret-id', 'AKIDx', '--secret-key', 'secret', '--data', data);
  await using stores = await openStores();
  const writes = { call: () => call, act: () => act, counted: () => {}, took: () => {} };
  const store = stores.of('1001', writes);
  await registerWithFace(store, 'p', 'g', '1');
  await registerWithFace(store, 'whoever-was-erased', 'g', '2');
  await store.write((store) => store.deletePerson('whoever-was-erased'));
}

test('the audit is listed: who changed what, and the ids of those who are registered', async () => {
  await fill();
  const { exitCode, output, errors } = await audit('list');
  assert.deepEqual([exitCode, errors], [0, '']);
  const lines = output.trimEnd().split('\n');
  assert.match(lines[0]!, /^time +appid +actor +action +code +touched$/);
  assert.match(
    lines[1]!,
    new RegExp(` 1001 +${accountName()} +keys add +0  \\{"secret_id":"AKIDx","buckets":\\[\\]\\}$`),
  );
  assert.match(lines[2]!, / 1001 +AKID-of-a-test +newperson +0 {2}p 1 g$/);
  assert.match(lines[3]!, / newperson +0 {2}#[\w-]{8} #[\w-]{8} g$/);
  assert.equal(lines.length, 5);
  assert.doesNotMatch(output, /whoever-was-erased/);
  const listed = JSON.parse((await audit('list', '--endpoint', 'newperson', '--json')).output);
  assert.deepEqual(
    listed.map(({ actor, request_id }: Record<string, unknown>) => [actor, request_id]),
    Array.from({ length: 3 }, () => [act.actor, act.requestId]),
  );
  assert.equal(JSON.parse((await audit('list', '--limit', '1', '--json')).output).length, 1);
  assert.equal((await audit('list', '--actor', 'nobody')).output, 'No line of the audit is so.\n');
  assert.equal((await audit('list', '--to', '2020-01-01')).output, 'No line of the audit is so.\n');
});

test('who names an erased id is told of its erasure, and that it is not registered any more', async () => {
  await fill();
  const { exitCode, output } = await audit('verify', '--appid', '1001', '--id', 'whoever-was-erased');
  assert.equal(exitCode, 0);
  assert.match(output, /^4 lines in 1 chain, all as they were written\.\n/);
  assert.match(output, /^whoever-was-erased is not registered; 2 lines tell of it\.$/m);
  const there = await audit('verify', '--appid', '1001', '--id', 'p');
  assert.match(there.output, /^p is registered, as one of the persons; 1 line tells of it\.$/m);
  const found = await audit('list', '--appid', '1001', '--id', 'whoever-was-erased', '--json');
  assert.equal(JSON.parse(found.output).length, 2);
});

test('a line that was changed is named, with exit code 1, and so is a chain that was cut off', async () => {
  await fill();
  const before = join(folder, 'before.json');
  await writeFile(before, (await audit('verify', '--json')).output);
  assert.equal((await audit('verify', '--against', before)).exitCode, 0);
  {
    using database = new DatabaseSync(join(data, 'familiar.db'));
    database.exec(`delete from audit where sequence = 4`);
  }
  assert.equal((await audit('verify')).exitCode, 0);
  const cut = await audit('verify', '--against', before);
  assert.equal(cut.exitCode, 1);
  assert.match(
    cut.output,
    /^BROKEN: line 4 of appid 1001: the lines from here on are gone\n3 lines in 1 chain, 1 chain broken\.\n$/,
  );
  {
    using database = new DatabaseSync(join(data, 'familiar.db'));
    database.exec(`update audit set actor = 'somebody' where sequence = 2`);
  }
  const changed = await audit('verify', '--json');
  assert.equal(changed.exitCode, 1);
  assert.equal(JSON.parse(changed.output).chains[0].broken.sequence, 2);
  await writeFile(before, '{}');
  const wrong = await audit('verify', '--against', before);
  assert.deepEqual([wrong.exitCode, /before\.json: it is not what/.test(wrong.errors)], [1, true]);
});

test('every line is exported, to the terminal or into a new file that only its owner reads', async () => {
  await fill();
  const printed = await audit('export');
  const lines = printed.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
  assert.deepEqual(
    Object.keys(lines[0]).toSorted(),
    'action actor appid at chain code detail hash ids kind request_id sequence'.split(' '),
  );
  const file = join(folder, 'audit.jsonl');
  const written = await audit('export', file, '--appid', '1001');
  assert.deepEqual([written.exitCode, written.errors], [0, `${file} holds 4 lines.\n`]);
  assert.equal(await readFile(file, 'utf8'), printed.output);
  assert.equal((await audit('export', file)).exitCode, 1);
});

test('old lines are pruned, and the rest can still be checked', async () => {
  await fill();
  const { at } = JSON.parse((await audit('list', '--limit', '1', '--json')).output)[0];
  assert.match((await audit('prune', '--before', '2020-01-01')).output, /^0 lines of the audit pruned\.\n$/);
  const { output } = await audit('prune', '--before', at, '--json');
  assert.equal(JSON.parse(output).before, at);
  const lines = JSON.parse(output).lines as number;
  assert.ok(lines >= 1 && lines <= 3);
  const checked = await audit('verify');
  assert.equal(checked.exitCode, 0);
  assert.match(checked.output, new RegExp(`; ${lines} lines? pruned before\\.\\n$`));
  const [stump] = JSON.parse((await audit('list', '--appid', '1001', '--json')).output);
  assert.deepEqual([stump.kind, stump.sequence, stump.actor], ['stump', lines, '']);
});

test('without the master key lines are listed, and cannot be checked or found by an id', async () => {
  await fill();
  await rename(`${data}.key`, join(folder, 'elsewhere'));
  assert.equal((await audit('list')).exitCode, 0);
  for (const words of [['verify'], ['list', '--appid', '1001', '--id', 'p']]) {
    const said = await audit(...words);
    assert.deepEqual([said.exitCode, said.output], [1, '']);
    assert.match(said.errors, /the master key is needed for this, and it is not at hand/);
  }
});

test('a backup has a line before and after it, of which it holds the first, and a switch of packs has both', async () => {
  await fill();
  const backup = join(folder, 'backup');
  assert.equal((await runHere('backup', backup, '--data', data)).exitCode, 0);
  assert.equal((await runHere('backup', backup, '--data', data)).exitCode, 1);
  assert.equal((await runHere('models', 'use', 'builtin', '--data', data)).exitCode, 0);
  const lines = JSON.parse((await audit('list', '--appid', '', '--json')).output);
  assert.deepEqual(
    lines.map(({ action, code, detail }: Record<string, unknown>) => [action, code, detail]),
    [
      ['backup', null, { target: backup }],
      ['backup', 0, { target: backup }],
      ['backup', null, { target: backup }],
      ['backup', 1, { target: backup }],
      ['models use', null, { pack: 'builtin' }],
      ['models use', 0, { pack: 'builtin' }],
    ],
  );
  assert.equal(lines[0].request_id, lines[1].request_id);
  assert.notEqual(lines[0].request_id, lines[2].request_id);
  using copy = new DatabaseSync(join(backup, 'familiar.db'), { readOnly: true });
  assert.deepEqual({ ...copy.prepare(`select count(*) as n from audit where action = 'backup'`).get() }, { n: 1 });
});

test('a backup without the master key is made, and it is said that the audit does not tell of it', async () => {
  await fill();
  await rename(`${data}.key`, join(folder, 'elsewhere'));
  const { exitCode, errors } = await runHere('backup', join(folder, 'backup'), '--data', data);
  assert.deepEqual([exitCode, errors], [0, 'The audit does not tell of this backup: the master key is not at hand.\n']);
});

test('what is not understood is said, and where there is no register none is made', async () => {
  for (const words of [
    ['list', '--from', 'yesterday'],
    ['list', '--limit', '0'],
    ['list', '--id', 'p'],
    ['verify', '--id', 'p'],
    ['prune', '--before', 'yesterday'],
    ['prune', '--before', '2100-01-01'],
    ['prune'],
  ]) {
    const said = await audit(...words);
    assert.deepEqual([said.exitCode, said.output], [2, ''], words.join(' '));
    assert.notEqual(said.errors, '');
  }
  for (const words of [['list'], ['export'], ['verify'], ['prune', '--before', '2020-01-01']]) {
    const said = await audit(...words);
    assert.deepEqual([said.exitCode, said.errors], [1, `there is no register in ${data}\n`]);
  }
  assert.deepEqual(await readdir(folder), []);
});
