import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test from 'node:test';
import { makeFolder, photograph, sendTo, signFor } from '../harness.ts';
import { startServer } from '../process.ts';

test('on SIGTERM the request in flight is answered, new ones are refused, and the exit code is 0', async () => {
  const folder = await makeFolder();
  const asked = Promise.withResolvers<ServerResponse>();
  const pictures = createServer((_request, response) => asked.resolve(response));
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  const { port } = pictures.address() as AddressInfo;
  const server = await startServer(folder);

  const inFlight = sendTo(`${server.url}/face/newperson`, {
    method: 'POST',
    headers: { authorization: signFor(server.key), 'content-type': 'application/json' },
    body: JSON.stringify({
      appid: server.key.appid,
      person_id: 'p',
      group_ids: ['g'],
      url: `http://127.0.0.1:${port}/slow.jpg`,
    }),
  });
  const response = await asked.promise;
  const kept = connect(Number(new URL(server.url).port), '127.0.0.1');
  let keptAnswer = '';
  const keptClosed = new Promise((resolve) => kept.once('close', resolve));
  kept
    .on('error', () => {})
    .on('data', (bytes) => {
      keptAnswer += bytes;
    });
  await new Promise((resolve) => kept.once('connect', resolve));

  server.child.kill('SIGTERM');
  while (!/SIGTERM/.test(server.output())) await new Promise((resolve) => setTimeout(resolve, 5));
  await assert.rejects(sendTo(`${server.url}/healthz`, {}), 'no new connection is taken');
  kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await keptClosed;
  assert.equal(keptAnswer, '', 'an open connection without a request is closed');

  response.end(await photograph(1));
  const answer = await inFlight;
  assert.equal(answer.code, 0);
  const { exitCode, errors } = await server.ended;
  assert.equal(exitCode, 0, errors);
  pictures.close();

  const again = await startServer(folder);
  const { code } = await sendTo(`${again.url}/face/getinfo`, {
    method: 'POST',
    headers: { authorization: signFor(again.key), 'content-type': 'application/json' },
    body: JSON.stringify({ appid: again.key.appid, person_id: 'p' }),
  });
  assert.equal(code, 0);
  again.child.kill('SIGTERM');
  await again.ended;
  await rm(folder, { recursive: true });
});

test('Ctrl-C, which a terminal sends to the processes of face analysis too, lets the picture in flight be analysed', {
  skip: process.platform !== 'linux' && 'processes are found by /proc',
}, async () => {
  const folder = await makeFolder();
  const asked = Promise.withResolvers<ServerResponse>();
  const pictures = createServer((_request, response) => asked.resolve(response));
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  const { port } = pictures.address() as AddressInfo;
  const server = await startServer(folder);
  const url = `http://127.0.0.1:${port}/slow.jpg`;
  const inFlight = sendTo(`${server.url}/face/newperson`, {
    method: 'POST',
    headers: { authorization: signFor(server.key), 'content-type': 'application/json' },
    body: JSON.stringify({ appid: server.key.appid, person_id: 'p', group_ids: ['g'], url }),
  });
  const response = await asked.promise;

  const pid = server.child.pid!;
  const childrenNow = async (): Promise<number[]> =>
    (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);
  const children = await childrenNow();
  assert.ok(children.length > 0, 'face analysis has processes of its own');
  for (const each of [pid, ...children]) process.kill(each, 'SIGINT');
  while (!/SIGINT/.test(server.output())) await new Promise((resolve) => setTimeout(resolve, 5));
  response.end(await photograph(1));
  assert.deepEqual(await childrenNow(), children, 'they are left to the server');
  assert.equal((await inFlight).code, 0);
  const { exitCode, errors } = await server.ended;
  assert.equal(exitCode, 0, errors);
  for (const child of children) assert.throws(() => process.kill(child, 0), { code: 'ESRCH' }, 'none is left');
  pictures.close();
  await rm(folder, { recursive: true });
});
