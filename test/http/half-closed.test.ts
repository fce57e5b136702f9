import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test from 'node:test';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { openContext } from '../domain/memory-context.ts';
import { RawClient, requestText } from './raw-client.ts';
import { imageOf, serve, signed } from './served.ts';

const timeout = 10_000;
const detect = requestText('detect', signed(), JSON.stringify({ appid: '1', image: imageOf({ cosine: 1 }) }));
const getgroupids = requestText('getgroupids', signed(), '{"appid":"1"}');

/** A server that analyses pictures when the test lets it, and the signal of the last one. */
function serveHeld() {
  const { analyzer } = openContext();
  const [begun, gate] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<void>()];
  const held: FaceAnalyzer = {
    ...analyzer,
    analyze: async (bytes, options) => {
      const signal = options.signal as AbortSignal;
      begun.resolve(signal);
      const gone = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      await Promise.race([gate.promise, gone]);
      return analyzer.analyze(bytes, options);
    },
  };
  return { served: serve({ analyzer: held }), begun: begun.promise, letGo: gate.resolve };
}

test('a client that closes its side of the connection has its answer, and then the connection ends', {
  timeout,
}, async (t) => {
  const { served, begun, letGo } = serveHeld();
  await using _served = served;
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(detect);
  const signal = await begun;
  client.finish();
  await client.seen('HTTP/1.1 100 Continue');
  assert.equal(signal.aborted, false);
  letGo();
  await client.closed();
  assert.match(client.text, /"code":0,.*\}$/);
});

test('a client that sends several requests and closes its side has all answers', { timeout }, async (t) => {
  const { served, begun, letGo } = serveHeld();
  await using _served = served;
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(detect + getgroupids);
  client.finish();
  await begun;
  letGo();
  await client.closed();
  assert.deepEqual(client.text.match(/"code":-?\d+/g), ['"code":0', '"code":-1307']);
});

test('a client of HTTP/1.0 that closes its side gets its answer and nothing before it', { timeout }, async (t) => {
  const { served, begun, letGo } = serveHeld();
  await using _served = served;
  const port = await served.listen();
  const came = once(served.server.http.server, 'connection') as Promise<[Socket]>;
  using client = await RawClient.open(port, t.signal);
  const [socket] = await came;
  const ended = once(socket, 'end');
  client.write(detect.replace('HTTP/1.1', 'HTTP/1.0'));
  client.finish();
  await begun;
  await ended;
  letGo();
  await client.closed();
  assert.match(client.text, /^HTTP\/1\.1 200 OK\r\n/);
});

test('a client that closes its side and then leaves is not worked for', { timeout }, async (t) => {
  const { served, begun } = serveHeld();
  await using _served = served;
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(detect);
  const signal = await begun;
  client.finish();
  await client.seen('HTTP/1.1 100 Continue');
  client[Symbol.dispose]();
  if (!signal.aborted) await once(signal, 'abort', { signal: t.signal });
});
