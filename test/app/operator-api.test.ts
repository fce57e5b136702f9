/** The operator's API of a whole application: what its operations answer, and what the audit then tells. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { runHere } from '../cli/terminal.ts';
import { startApp, type TestApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';
import { type OperatorClient, signIn } from '../operator.ts';

const isOnPostgres = process.env.FAMILIAR_TEST_DATABASE === 'postgres';
let app: TestApp;
let owner: OperatorClient;
const keyFile = join(mkdtempSync(join(tmpdir(), 'familiar-operator-')), 'master.key');
before(async () => {
  await writeFile(keyFile, masterKeyText);
  app = await startApp();
  owner = await signIn(app, { role: 'owner', appid: null });
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await rm(dirname(keyFile), { recursive: true });
});

test('the command prints a link to the server that runs, and the link lets somebody in', async () => {
  const { exitCode, output, errors } = await runHere(
    ...['console', 'link', '--name', 'eve', '--role', 'reader', '--data', app.folder],
    ...['--master-key-file', keyFile],
  );
  assert.equal(exitCode, 0, errors);
  const [, base, token] = /^(.*)\/#\/link\/([\w-]+)\n$/.exec(output)!;
  assert.equal(base, app.app.adminUrl);
  const response = await fetch(`${base}/api/session.readLink`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  assert.deepEqual(await response.json(), { name: 'eve' });
  const confined = ['console', 'link', '--appid', '7', '--json', '--data', app.folder, '--master-key-file', keyFile];
  const { url, isServed } = JSON.parse((await runHere(...confined)).output);
  assert.deepEqual([url.startsWith(`${base}/#/link/`), isServed], [true, true]);
  for (const wrong of [
    ['--role', 'king'],
    ['--name', 'a b'],
  ]) {
    const words = [...wrong, '--data', app.folder, '--master-key-file', keyFile];
    const refused = await runHere('console', 'link', ...words);
    assert.equal(refused.exitCode, 2, refused.output);
  }
});

test('who sets a password and signs in is named by the audit, and not the account that the server runs as', async () => {
  await signIn(app, { role: 'reader', appid: '78' });
  const { data } = await owner.call('audit.installation', { linesMax: 2 });
  assert.deepEqual(
    data.lines.map(({ kind, actor, action }: Record<string, string>) => `${kind} ${actor} ${action}`),
    ['operator reader.78 operators password', 'operator reader.78 sign in'],
  );
});

test('persons are corrected and that is undone as by the commands, by an editor of the appid', async () => {
  const { appid } = app.key;
  await app.app.stores.of(appid).insertPerson({ id: 'wrong', name: '', tag: '' });
  const editor = await signIn(app, { role: 'editor', appid });
  const correction = { kind: 'rename', from: 'wrong', to: 'right' };
  const { data: made } = await editor.call('persons.correct', { appid, correction });
  assert.equal((await app.app.stores.of(appid).findPerson('right'))?.id, 'right');
  const { data: listed } = await editor.call('persons.corrections', { appid });
  const [{ madeAt: _, ...first }] = listed.corrections;
  assert.deepEqual(first, { id: made.id, kind: 'rename', persons: ['wrong', 'right'], faces: [] });
  await editor.call('persons.undo', { appid, id: made.id });
  assert.equal((await app.app.stores.of(appid).findPerson('wrong'))?.id, 'wrong');
  assert.equal(
    (await editor.call('persons.correct', { appid, correction: { ...correction, from: 'nobody' } })).status,
    404,
  );
  const reader = await signIn(app, { role: 'reader', appid });
  assert.equal((await reader.call('persons.correct', { appid, correction })).status, 403);
});

test('appids and keys are made, changed, shown and ended as by the commands', async () => {
  await owner.call('tenants.add', { new: '77', limits: { groups: '3' }, note: 'a shop' });
  const { data: made } = await owner.call('keys.add', { appid: '77', name: 'till', endpoints: ['reader'] });
  assert.match(made.secretKey, /^\w+$/);
  await owner.call('tenants.set', { of: '77', limits: { groups: 'default', persons: '5' } });
  const { data: shown } = await owner.call('tenants.show', { appid: '77' });
  assert.deepEqual([shown.tenant.limits, shown.tenant.note, shown.tenant.kept.persons], [{ persons: 5 }, 'a shop', 0]);
  const { groups, ...quotas } = shown.quotas;
  assert.deepEqual(
    [groups > 3, quotas],
    [true, { persons: 5 }],
    'the server limits the groups, and the appid the persons',
  );
  const change = {
    appid: '77',
    secretId: made.secretId,
    name: '',
    expires: '2100-01-31',
    endpoints: ['detect', 'enroller'],
  };
  assert.equal(
    (await owner.call('keys.set', { ...change, appid: app.key.appid })).status,
    404,
    'a key of another appid',
  );
  assert.equal((await owner.call('keys.set', { ...change, endpoints: ['detct'] })).status, 400);
  assert.equal((await owner.call('keys.set', change)).status, 200);
  const { data: changed } = await owner.call('keys.list', { appid: '77' });
  assert.deepEqual(
    [changed.keys[0].name, changed.keys[0].expiresAt, changed.keys[0].endpoints],
    [undefined, Date.UTC(2100, 0, 31), ['newperson', 'addface', 'setinfo', 'addgroupids', 'detect']],
  );
  await owner.call('keys.set', { ...change, name: 'till', expires: 'never', endpoints: ['reader'] });
  const { data: listed } = await owner.call('keys.list', { appid: '77' });
  assert.deepEqual([listed.keys[0].name, listed.keys[0].endpoints.includes('getinfo')], ['till', true]);
  assert.doesNotMatch(JSON.stringify(listed), new RegExp(made.secretKey));
  const other = await owner.call('keys.revoke', { appid: app.key.appid, secretId: made.secretId });
  assert.equal(other.status, 404, 'a key of another appid');
  assert.equal((await owner.call('keys.revoke', { appid: '77', secretId: made.secretId })).status, 200);
  assert.equal((await owner.call('tenants.set', { of: '77', limits: { gruops: '1' } })).status, 400);
  assert.equal((await owner.call('tenants.add', { new: '77' })).status, 409);
  const { data: audit } = await owner.call('audit.list', { appid: '77' });
  const told = audit.lines.map(({ action, actor, kind }: Record<string, string>) => `${kind} ${actor} ${action}`);
  assert.ok(told.includes('operator owner tenants add'), told.join('; '));
  assert.equal((await owner.call('tenants.remove', { of: '77' })).status, 200);
  assert.equal((await owner.call('tenants.show', { appid: '77' })).status, 404);
});

test('usage, statements, the state of the server and the audit are reported', async () => {
  await app.json('getgroupids', {});
  const { appid } = app.key;
  const day = new Date().toISOString().slice(0, 10);
  const span = { from: `${day.slice(0, 7)}-01`, to: day };
  const { data: usage } = await owner.call('usage.report', { appid, ...span, by: ['endpoint'] });
  assert.equal(usage.rows.find((row: Record<string, unknown>) => row.endpoint === 'getgroupids').failed, 1);
  const { data: page } = await owner.call('statements.make', {
    appid,
    month: day.slice(0, 7),
    format: 'html',
    language: 'zh',
  });
  assert.match(page.content, /<html lang="zh/);
  const { data: server } = await owner.call('server.show', {});
  assert.deepEqual([server.isReady, server.url], [true, app.app.url]);
  const { data: audit } = await owner.call('audit.verify', {});
  assert.ok(audit.chains.length > 0);
  assert.ok(audit.chains.every((chain: object) => !('broken' in chain)));
});

test('what the server does now is told to whoever is for all appids', async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const reader = await signIn(app, { role: 'reader', appid: null });
  const { data } = await reader.call('server.live', {});
  assert.deepEqual([data.isReady, data.slots.length, data.servers.length > 0], [true, 119, isOnPostgres]);
  assert.ok(data.refusals.find(({ reason }: { reason: string }) => reason === 'personUnknown').count > 0);
  const { processBytes, indexBytesMax } = data.memory;
  assert.ok(processBytes > 1e6 && indexBytesMax > 1e6 && data.diskFreeBytes > 1e6);
});

test('an operator of one appid sees and changes nothing of others', async () => {
  const { appid } = app.key;
  const confined = await signIn(app, { role: 'owner', appid });
  const { data } = await confined.call('tenants.list', {});
  assert.deepEqual(
    data.tenants.map((tenant: { appid: string }) => tenant.appid),
    [appid],
  );
  for (const [name, body] of [
    // Who may ask is decided before it is looked at what is asked for.
    ['audit.list', { appid: '' }],
    ['audit.installation', {}],
    ['server.live', {}],
    ['tenants.add', { new: '5' }],
    ['operators.invite', { name: 'x', grant: { role: 'owner', appid: null } }],
    ['usage.report', { appid: '5', from: '2026-11-01', to: '2026-11-02' }],
  ] as const) {
    assert.equal((await confined.call(name, body)).status, 403, name);
  }
});
