import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { makeFolder, sendTo, signFor } from '../harness.ts';
import { startServer } from '../process.ts';

test('SIGHUP makes a server that runs read its file of settings again, and go on', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'settings.json');
  await writeFile(file, '{}');
  const server = await startServer(folder, '--config', file, '--admin-port', '0');
  const call = () =>
    sendTo(`${server.url}/face/getgroupids`, {
      method: 'POST',
      headers: { authorization: signFor(server.key), 'content-type': 'application/json' },
      body: JSON.stringify({ appid: server.key.appid }),
    });
  for (let i = 0; i < 5; i += 1) assert.equal((await call()).code, -1307);
  await writeFile(file, JSON.stringify({ callsPerSecondMax: 1, workers: 3 }));
  server.child.kill('SIGHUP');
  // The signal comes when it comes; the limit is then met at once.
  while ((await call()).code !== 15) await setTimeout(10);
  server.child.kill('SIGTERM');
  const { exitCode, errors } = await server.ended;
  assert.equal(exitCode, 0);
  assert.match(errors, /"changed":\["--calls-per-second-max"\],"msg":"the settings were read again"/);
  assert.match(errors, /"settings":\["--workers"\],"msg":"these settings take effect after a restart"/);
  await rm(folder, { recursive: true });
});
