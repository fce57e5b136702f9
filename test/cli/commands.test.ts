import assert from 'node:assert/strict';
import { chmod, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { paste } from '../curl.ts';
import { makeFolder } from '../harness.ts';
import { runFamiliar, startServer } from '../process.ts';

let folder: string;
before(async () => {
  folder = await makeFolder();
});
after(() => rm(folder, { recursive: true }));

test('the first start makes a key that only its owner may read, and prints calls that work when pasted', async (t) => {
  const server = await startServer(folder);
  // A server that outlives a failed test would keep the run from ending.
  t.after(() => server.child.kill('SIGKILL'));
  assert.equal((await stat(join(folder, 'first-key.json'))).mode & 0o777, 0o600);
  assert.ok(server.output().includes(server.key.secretKey));
  const commands = server.output().match(/^curl (?:.*\\\n)+.*$/gm) ?? [];
  assert.equal(commands.length, 2);
  for (const command of commands) {
    const { code, text } = await paste(command);
    assert.equal(code, 0, text);
  }
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).exitCode, 0);

  const again = await startServer(folder);
  assert.ok(!again.output().includes(again.key.secretKey), 'the key is printed once');
  again.child.kill('SIGINT');
  assert.equal((await again.ended).exitCode, 0);
});

test('keys are added with credentials that exist, listed without their secrets, and revoked', async () => {
  const add = await runFamiliar(
    'keys',
    'add',
    '--data',
    folder,
    '--appid',
    '10001290',
    '--secret-id',
    'AKIDx',
    '--secret-key',
    'kept-secret',
    '--json',
  );
  assert.deepEqual(JSON.parse(add.output), {
    appid: '10001290',
    secret_id: 'AKIDx',
    secret_key: 'kept-secret',
    buckets: [],
  });
  const twice = await runFamiliar('keys', 'add', '--data', folder, '--secret-id', 'AKIDx');
  assert.deepEqual([twice.exitCode, twice.output], [1, '']);
  assert.match(twice.errors, /already/);
  const made = JSON.parse((await runFamiliar('keys', 'add', '--data', folder, '--json')).output);
  assert.match(made.secret_id, /^AKID\w{32}$/);
  assert.match(made.secret_key, /^\w{32}$/);
  const revoked = await runFamiliar('keys', 'revoke', 'AKIDx', '--data', folder);
  assert.equal(revoked.exitCode, 0);
  assert.equal((await runFamiliar('keys', 'revoke', 'AKIDx', '--data', folder)).exitCode, 1);
  const list = await runFamiliar('keys', 'list', '--data', folder, '--json');
  assert.ok(!list.output.includes('kept-secret'));
  const keys = JSON.parse(list.output) as { secret_id: string; revoked: string | null }[];
  assert.deepEqual(keys.map(({ secret_id, revoked }) => [secret_id, revoked !== null]).slice(-2), [
    ['AKIDx', true],
    [made.secret_id, false],
  ]);
  assert.match((await runFamiliar('keys', 'list', '--data', folder)).output, /^appid +secret_id +created +revoked/);
});

test('usage is reported for a month that is spelled right, and refused otherwise', async () => {
  const rows = JSON.parse((await runFamiliar('usage', '--data', folder, '--json')).output) as { endpoint: string }[];
  assert.deepEqual(
    rows.map(({ endpoint }) => endpoint),
    ['getinfo', 'newperson'],
  );
  assert.match((await runFamiliar('usage', '--data', folder, '--month', '2020-01')).output, /No calls/);
  assert.equal((await runFamiliar('usage', '--data', folder, '--month', '2020-13')).exitCode, 2);
});

test('the doctor finds nothing wrong with a good installation, and says how to mend a bad one', async () => {
  const well = await runFamiliar('doctor', '--data', folder, '--port', '0', '--json');
  const findings = JSON.parse(well.output) as { check: string; ok: boolean; mend: string }[];
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  assert.equal(well.exitCode, 0);
  await chmod(join(folder, 'first-key.json'), 0o644);
  const open = await runFamiliar('doctor', '--data', folder, '--port', '0');
  assert.equal(open.exitCode, 1);
  assert.match(open.output, /FAULT {2}first key file[^\n]*\n +chmod 600/);
  await writeFile(
    join(folder, 'familiar.db'),
    'this is no database, and it is long enough to be taken for one'.repeat(20),
  );
  await rm(join(folder, 'familiar.db-wal'), { force: true });
  const broken = await runFamiliar('doctor', '--data', folder, '--port', '0', '--json');
  const faults = (JSON.parse(broken.output) as { check: string; ok: boolean; mend: string }[]).filter(({ ok }) => !ok);
  assert.ok(faults.some(({ check, mend }) => check === 'register' && mend.includes('backup')));
});

test('help teaches every command and setting, and what is not understood is said', async () => {
  const help = await runFamiliar('--help');
  assert.equal(help.exitCode, 0);
  for (const command of ['serve', 'keys', 'usage', 'doctor'])
    assert.match(help.output, new RegExp(`^ +${command}`, 'm'));
  const serve = await runFamiliar('serve', '--help');
  for (const word of ['--host', '--port', '--data', '--allow-url-host', 'FAMILIAR_PORT', '8080'])
    assert.ok(serve.output.includes(word), word);
  const unknown = await runFamiliar('server');
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.errors, /unknown command/);
  const faults = await runFamiliar('serve', '--port', '70000', '--workers', 'many');
  assert.equal(faults.exitCode, 2);
  assert.match(faults.errors, /--port/);
  assert.match(faults.errors, /--workers/, 'all faults are listed at once');
});
