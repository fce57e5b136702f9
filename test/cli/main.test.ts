import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import test from 'node:test';
import { makeFolder, signFor } from '../harness.ts';
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

test('a second signal changes nothing, and a third ends the process at once', async (t) => {
  const folder = await makeFolder();
  t.after(() => rm(folder, { recursive: true }));
  const server = await startServer(folder);
  t.after(() => server.child.kill('SIGKILL'));
  const client = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.after(() => client.destroy());
  client.on('error', () => {});
  const head = ['POST /face/getinfo HTTP/1.1', 'Host: x', `Authorization: ${signFor(server.key)}`, 'Content-Length: 9'];
  client.write(`${[...head, 'Content-Type: application/json', 'Expect: 100-continue'].join('\r\n')}\r\n\r\n`);
  await once(client, 'data');
  const said = async (text: string) => {
    while (!server.output().includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  server.child.kill('SIGTERM');
  await said('SIGTERM: finishing');
  server.child.kill('SIGTERM');
  await said('SIGTERM: still in flight: 1 getinfo');
  server.child.kill('SIGTERM');
  const { exitCode, signal } = await server.ended;
  assert.deepEqual([exitCode, signal], [1, null]);
});
