import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { firstKeyFile, makeKey } from '../../src/app/first-key.ts';
import type { Key } from '../../src/auth/keys.ts';
import { paste } from '../curl.ts';
import { makeFolder, signFor } from '../harness.ts';
import { begin, beginPiped, type Running } from './terminal.ts';

let data: string;
before(async () => {
  data = await makeFolder();
});
after(async () => {
  await rm(data, { recursive: true });
  await rm(`${data}.key`, { force: true });
});

/** Starts a server, which ends with the test at the latest. */
function serve(context: TestContext, ...flags: string[]): Running {
  const server = begin('serve', '--port', '0', '--data', data, ...flags);
  context.after(async () => {
    server.stop('SIGTERM');
    await server.ended;
  });
  return server;
}

async function readKey(): Promise<Key> {
  const { appid, secret_id, secret_key } = JSON.parse(await readFile(join(data, firstKeyFile), 'utf8'));
  return makeKey(0, { appid, secretId: secret_id, secretKey: secret_key });
}

/** Sends the head of a request; when this resolves, the server has asked for the body, which never comes. */
async function beginRequest(url: string, key: Key): Promise<Socket> {
  const client = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  client.on('error', () => {}).setTimeout(20_000, () => client.destroy());
  const lines = ['POST /face/getinfo HTTP/1.1', 'Host: x', `Authorization: ${signFor(key)}`, 'Content-Length: 9'];
  client.write(`${[...lines, 'Content-Type: application/json', 'Expect: 100-continue'].join('\r\n')}\r\n\r\n`);
  const [answer] = await once(client, 'data');
  assert.match(answer, /^HTTP\/1\.1 100 /);
  return client;
}

test('the first start prints a key and calls that work when pasted, and no later one does', async (t) => {
  const first = serve(t);
  const greeting = await first.said(/^ready$/m);
  assert.match(
    greeting,
    /^familiar listens on http:\/\/127\.0\.0\.1:\d+\nmetrics are at http:\/\/127\.0\.0\.1:\d+\/metrics\nready\n/,
  );
  const { appid, secretId, secretKey } = await readKey();
  for (const told of [appid, secretId, secretKey, join(data, firstKeyFile), 'delete that file'])
    assert.ok(greeting.includes(told), told);
  const calls = greeting.match(/^curl (?:.*\\\n)+.*$/gm) ?? [];
  assert.equal(calls.length, 2);
  for (const call of calls) {
    const { code, text } = await paste(call);
    assert.equal(code, 0, text);
  }
  first.stop('SIGTERM');
  const { exitCode, output } = await first.ended;
  assert.equal(exitCode, 0);
  assert.ok(output.endsWith('\nSIGTERM: finishing the requests in flight\n'), output);

  const second = serve(t);
  assert.match(await second.said(/^ready$/m), /^familiar listens on \S+\nmetrics are at \S+\nready\n$/);
});

test('a start whose output is no terminal prints neither a SecretKey nor a signature, and says where the key is', async (t) => {
  const [other, file] = [await makeFolder(), firstKeyFile];
  const server = beginPiped('serve', '--port', '0', '--data', other);
  t.after(async () => {
    server.stop('SIGTERM');
    await server.ended;
    await rm(other, { recursive: true });
    await rm(`${other}.key`);
  });
  const told = await server.said(/^ready$/m);
  const { appid, secret_id, secret_key } = JSON.parse(await readFile(join(other, file), 'utf8'));
  assert.ok(told.includes(appid) && told.includes(join(other, file)));
  assert.match(told, /Delete that file once you have read it\.\n\nA master key was made in /);
  assert.ok(told.includes(`${other}.key. Keep it, and apart from backups`));
  for (const secret of [secret_id, secret_key, 'Authorization']) assert.ok(!told.includes(secret), secret);
  assert.ok(!told.includes(await readFile(`${other}.key`, 'utf8').then((text) => text.trim())));
});

test('a server that is stopped before it is ready ends with 0 and never says that it is', async (t) => {
  const server = serve(t);
  await server.said(/listens on/);
  server.stop('SIGINT');
  const { exitCode, output } = await server.ended;
  assert.equal(exitCode, 0);
  assert.match(output, /^familiar listens on \S+\nmetrics are at \S+\nSIGINT: finishing the requests in flight\n$/);
});

test('a request that is not over in time is dropped, and the exit code is 1', { timeout: 60_000 }, async (t) => {
  // A body may be as slow as it is: nothing but the stop ends the request.
  const server = serve(t, '--drain-timeout-ms', '1', '--body-rate-min', '0');
  const [, url = ''] = /listens on (\S+)/.exec(await server.said(/listens on/)) ?? [];
  const client = await beginRequest(url, await readKey());
  const isDropped = Promise.race([once(client, 'timeout').then(() => false), once(client, 'close').then(() => true)]);
  server.stop('SIGTERM');
  const { exitCode, errors } = await server.ended;
  assert.equal(exitCode, 1);
  assert.match(errors, /^some requests did not finish within 1 ms and are dropped$/m);
  assert.equal(await isDropped, true, 'the connection is closed by the server');
});

test('a server that is asked to stop a second time says what is still in flight, and waits for it', {
  timeout: 60_000,
}, async (t) => {
  const server = serve(t);
  const [, url = ''] = /listens on (\S+)/.exec(await server.said(/listens on/)) ?? [];
  const client = await beginRequest(url, await readKey());
  server.stop('SIGTERM');
  await server.said(/^SIGTERM: finishing/m);
  server.stop('SIGINT');
  await server.said(/^SIGINT: still in flight: 1 getinfo, for up to \d s; a third signal ends at once$/m);
  client.write('{"a":"b"}');
  const [answer] = await once(client, 'data');
  assert.match(answer, /"code":-1301/, 'the request is answered all the same');
  assert.equal((await server.ended).exitCode, 0);
});

test('a server that cannot listen says why, with exit code 1', async (t) => {
  const server = serve(t);
  const [, port = ''] = /listens on \S+:(\d+)/.exec(await server.said(/listens on/)) ?? [];
  const other = await begin('serve', '--port', port, '--data', data).ended;
  assert.equal(other.exitCode, 1);
  assert.match(other.errors, /EADDRINUSE/);
});
