import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import test from 'node:test';
import { makeFolder } from '../harness.ts';
import { runFamiliar, startServer } from '../process.ts';

test('the process ends with the exit code of its command, and tells errors apart from output', async () => {
  const [help, wrong] = await Promise.all([runFamiliar('--help'), runFamiliar('server')]);
  assert.deepEqual([help.exitCode, help.errors], [0, '']);
  assert.match(help.output, /^Usage: familiar /);
  assert.deepEqual([wrong.exitCode, wrong.output], [2, '']);
  assert.match(wrong.errors, /unknown command/);
});

test('SIGINT is a reason to finish, as SIGTERM is', async (t) => {
  const folder = await makeFolder();
  t.after(() => rm(folder, { recursive: true }));
  const server = await startServer(folder);
  t.after(() => server.child.kill('SIGKILL'));
  server.child.kill('SIGINT');
  const { exitCode, output } = await server.ended;
  assert.equal(exitCode, 0);
  assert.match(output, /SIGINT: finishing the requests in flight/);
});
