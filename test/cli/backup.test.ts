import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { makeFolder, photograph, root, startApp, type TestApp } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';
import { runFamiliar } from '../process.ts';

let app: TestApp;
let folder: string;

before(async () => {
  folder = await makeFolder();
  app = await startApp();
  const answer = await app.form('newperson', { person_id: 'p', group_ids: ['g'], image: await photograph(1) });
  assert.equal(answer.code, 0, answer.text);
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a backup of a running server is made, verified and restored, and a server on it answers as the first did', async () => {
  const target = join(folder, 'nightly.tar');
  const made = await runFamiliar('backup', target, '--data', app.folder);
  assert.equal(made.exitCode, 0, made.errors);
  assert.match(
    made.output,
    /nightly\.tar holds 1 person and 1 face as of .*\nIt opens with the master key [0-9a-f]{16} only/,
  );
  const again = await runFamiliar('backup', target, '--data', app.folder);
  assert.deepEqual([again.exitCode, /is something at .* already/.test(again.errors)], [1, true]);
  await app.json('delperson', { person_id: 'p' });

  const verified = await runFamiliar('backup', 'verify', target, '--data', app.folder, '--json');
  assert.equal(verified.exitCode, 0, verified.errors);
  const told = JSON.parse(verified.output) as { decrypted: boolean; contents: object };
  assert.deepEqual([told.decrypted, told.contents], [true, { appids: 1, persons: 1, faces: 1 }]);

  const data = join(folder, 'restored');
  const restored = await runFamiliar('restore', folder, '--as-of', new Date().toISOString(), '--data', data);
  assert.equal(restored.exitCode, 0, restored.errors);
  assert.match(restored.output, /restored holds 1 person and 1 face[\s\S]*Its master key is [0-9a-f]{16}/);
  await using second = await startApp({}, {}, data);
  const [gone, there] = [
    await app.json('getinfo', { person_id: 'p' }),
    await call(second, 'getinfo', { person_id: 'p' }),
  ];
  assert.deepEqual([gone.code, there.code, there.data.group_ids], [-1303, 0, ['g']]);
  const found = await callForm(second, 'identify', { group_id: 'g', image: await photograph(1) });
  assert.deepEqual([found.code, found.data.candidates[0].person_id], [0, 'p']);
});

test('a command that is killed leaves no backup and no data folder that is not whole', async () => {
  const source = join(folder, 'source');
  assert.equal((await runFamiliar('backup', source, '--data', app.folder)).exitCode, 0);
  for (const [i, ms] of [150, 300, 450, 600, 750].entries()) {
    const [target, data] = [join(folder, `killed-${i}`), join(folder, `killed-data-${i}`)];
    await killed(ms, 'backup', target, '--data', app.folder);
    await killed(ms, 'restore', source, '--data', data);
    if (await exists(target))
      assert.equal((await runFamiliar('backup', 'verify', target, '--data', app.folder)).exitCode, 0);
    if (await exists(data)) assert.deepEqual((await readdir(data)).sort(), ['familiar-calls.db', 'familiar.db']);
  }
});

test('what cannot be backed up or restored is told, with exit code 1', async () => {
  const [none, target] = [join(folder, 'none'), join(folder, 'of-nothing')];
  const empty = await runFamiliar('backup', target, '--data', none);
  assert.deepEqual([empty.exitCode, empty.errors], [1, `there is no register in ${none}\n`]);
  const shared = await runFamiliar('backup', target, '--database', 'postgres://u:secret@h/d');
  assert.match(shared.errors, /back it up as any PostgreSQL database, with pg_dump/);
  assert.doesNotMatch(shared.errors, /secret/);
  const filled = await runFamiliar('restore', target, '--data', app.folder);
  assert.match(filled.errors, /is not empty/);
  const when = await runFamiliar('restore', folder, '--as-of', 'yesterday', '--data', none);
  assert.deepEqual([when.exitCode, /--as-of is a moment/.test(when.errors)], [2, true]);
});

/** Calls another server with the key of the first one. */
function call(other: TestApp, endpoint: Parameters<TestApp['json']>[0], fields: Record<string, unknown>) {
  return other.send(`/face/${endpoint}`, {
    method: 'POST',
    headers: { authorization: app.sign(), 'content-type': 'application/json' },
    body: JSON.stringify({ appid: app.key.appid, ...fields }),
  });
}

function callForm(other: TestApp, endpoint: Parameters<TestApp['form']>[0], fields: Parameters<TestApp['form']>[1]) {
  return other.form(endpoint, fields);
}

/** Starts a command and kills it after some milliseconds, if it has not ended by then. */
async function killed(ms: number, ...words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...words], {
    stdio: 'ignore',
    env: { ...process.env, FAMILIAR_MASTER_KEY: masterKeyText },
  });
  const ended = once(child, 'exit');
  await Promise.race([setTimeout(ms), ended]);
  child.kill('SIGKILL');
  await ended;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
