import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import test from 'node:test';
import { makeFolder, root } from '../harness.ts';
import { masterKeyText } from '../master-key.ts';

test('SIGTERM to npm start reaches the server, which finishes and ends with 0', async () => {
  const folder = await makeFolder();
  const child = spawn('npm', ['start', '--', '--port', '0', '--data', folder], {
    cwd: root,
    env: { ...process.env, FAMILIAR_MASTER_KEY: masterKeyText },
  });
  let output = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (/^ready$/m.test(output)) ready.resolve();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await Promise.race([ready.promise, ended.then(() => assert.fail(output))]);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.match(output, /SIGTERM: finishing the requests in flight/);
  await rm(folder, { recursive: true });
});
