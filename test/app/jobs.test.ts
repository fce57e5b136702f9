/** What operators have done that takes long: the doctor, backups, imports, each in a process of its own. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { type OperatorClient, signIn } from '../operator.ts';

const isOnPostgres = process.env.FAMILIAR_TEST_DATABASE === 'postgres';
let app: TestApp;
let owner: OperatorClient;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-jobs-'));
  const [backupFolder, importFolder] = [join(folder, 'backups'), join(folder, 'imports')];
  for (const name of [backupFolder, importFolder, join(importFolder, 'people', 'staff', 'ada')])
    await mkdir(name, { recursive: true });
  await writeFile(join(importFolder, 'people', 'staff', 'ada', '1.jpg'), await photograph(1));
  await writeFile(join(importFolder, 'people', 'staff', 'ada', '2.jpg'), 'no picture');
  await copyFile(join(importFolder, 'people', 'staff', 'ada', '1.jpg'), join(folder, 'outside.csv'));
  await symlink(join(folder, 'outside.csv'), join(importFolder, 'link.csv'));
  app = await startApp({ backupFolder, importFolder });
  owner = await signIn(app, { role: 'owner', appid: null });
});
after(async () => {
  await app?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Waits until a job is over. */
async function ended(id: string) {
  for (;;) {
    const { data } = await owner.call('jobs.list', {});
    const job = data.jobs.find((one: { id: string }) => one.id === id);
    if (job.state !== 'running') return job;
    await wait(100);
  }
}

/** Begins a job, and waits until it is over. */
async function done(name: Parameters<OperatorClient['call']>[0], body: unknown) {
  const { status, data } = await owner.call(name, body);
  assert.equal(status, 200, JSON.stringify(data));
  return ended(data.id);
}

test('the doctor examines the installation, and one at a time', async () => {
  const first = await owner.call('doctor.run', {});
  const second = await owner.call('doctor.run', {});
  assert.deepEqual([first.status, second.status], [200, 409]);
  const { state, result, operator, endedAt, error } = await ended(first.data.id);
  assert.deepEqual([state, operator, error, endedAt > 0], ['done', 'owner', '', true]);
  assert.ok(result.findings.length > 5);
  const register = result.findings.find(({ check }: { check: string }) => /register/.test(check));
  assert.equal(register.ok, true, register.found);
});

test('a backup is made under the name of its time, listed, checked, and told by the audit', {
  skip: isOnPostgres && 'PostgreSQL has tools of its own',
}, async () => {
  const made = await done('backups.make', {});
  assert.deepEqual([made.state, made.error], ['done', '']);
  assert.match(made.subject, /^familiar-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
  const { data } = await owner.call('backups.list', {});
  assert.deepEqual(
    [data.isPossible, data.backups.map(({ name }: { name: string }) => name), data.backups[0].manifest.contents.appids],
    [true, [made.subject], 1],
  );
  const checked = await done('backups.verify', { name: made.subject });
  assert.deepEqual([checked.error, checked.result?.isDecrypted], ['', true]);
  const { data: audit } = await owner.call('audit.installation', { linesMax: 10 });
  const told = audit.lines.filter(({ action }: { action: string }) => action === 'backup');
  assert.deepEqual(
    told.map(({ actor, code }: { actor: string; code: number }) => [actor, code]),
    [
      ['owner', null],
      ['owner', 0],
    ],
  );
  const [file] = (await readdir(join(folder, 'backups', made.subject))).filter((name) => name.endsWith('.db'));
  await writeFile(join(folder, 'backups', made.subject, file!), 'rubbish');
  const broken = await done('backups.verify', { name: made.subject });
  assert.deepEqual([broken.state, broken.result], ['failed', null]);
  assert.match(broken.error, /changed since/);
});

test('pictures are imported from what is listed, and refused ones are told by their reason', async () => {
  const { data } = await owner.call('imports.sources', {});
  assert.deepEqual(data, { isPossible: true, sources: [{ name: 'people', kind: 'folders' }] });
  const order = { name: 'people', into: app.key.appid };
  const dry = await done('imports.start', { ...order, isDryRun: true });
  assert.deepEqual([dry.error, dry.result?.added, dry.result?.persons], ['', 1, 0]);
  assert.equal((await app.json('getinfo', { person_id: 'ada' })).code, -1303);
  const { result, error } = await done('imports.start', order);
  const { persons, added, refused, refusals, first } = result ?? {};
  assert.deepEqual([error, persons, added, refused, refusals], ['', 1, 1, 1, { formatInvalid: 1 }]);
  assert.deepEqual([first[0].person_id, first[0].picture], ['ada', 'staff/ada/2.jpg']);
  const { data: ada } = await app.json('getinfo', { person_id: 'ada' });
  assert.deepEqual(ada.group_ids, ['staff']);
  const unknown = await done('imports.start', { ...order, into: '5' });
  assert.deepEqual([unknown.state, unknown.error], ['failed', 'there is no appid 5']);
});

test('nothing outside of the folders can be named', async () => {
  for (const name of [
    '..',
    '.',
    '../outside.csv',
    'link.csv',
    join(folder, 'outside.csv'),
    'people/staff',
    'people\u0000',
    '',
  ]) {
    const { status } = await owner.call('imports.start', { name, into: app.key.appid });
    assert.ok(status === 404 || status === 400, `${name}: ${status}`);
    assert.ok((await owner.call('backups.verify', { name })).status >= 400, name);
  }
});

test('a job is stopped, and a server that ends ends its jobs', async () => {
  await using other = await startApp({ importFolder: join(folder, 'imports') });
  const client = await signIn(other, { role: 'owner', appid: null });
  const { data } = await client.call('doctor.run', {});
  assert.equal((await client.call('jobs.stop', { id: data.id })).status, 200);
  assert.equal((await client.call('jobs.stop', { id: 'none' })).status, 404);
  assert.deepEqual((await client.call('backups.list', {})).data, { isPossible: false, backups: [] });
  const made = await client.call('backups.make', {});
  assert.deepEqual([made.status, made.data.error.code], [400, 'invalid']);
  assert.match(made.data.error.message, /--backup-folder/);
});

test('what is about the installation is begun and seen by its owners alone', async () => {
  const { appid } = app.key;
  const others = [
    await signIn(app, { role: 'owner', appid }),
    await signIn(app, { role: 'editor', appid: null }),
    await signIn(app, { role: 'reader', appid: null }),
  ];
  for (const client of others) {
    for (const [name, body] of [
      ['jobs.list', {}],
      ['jobs.stop', { id: 'x' }],
      ['doctor.run', {}],
      ['backups.list', {}],
      ['backups.make', {}],
      ['backups.verify', { name: 'x' }],
      ['imports.sources', {}],
      ['imports.start', { name: 'people', into: appid }],
    ] as const)
      assert.equal((await client.call(name, body)).status, 403, name);
  }
});
