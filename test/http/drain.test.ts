import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { openContext } from '../domain/memory-context.ts';
import { RawClient, requestText } from './raw-client.ts';
import { imageOf, type Served, serve, signed } from './served.ts';

const timeout = 10_000;
const slow = requestText('detect', signed(), JSON.stringify({ appid: '1', image: imageOf({ cosine: 1 }) }));
const quick = requestText('getgroupids', signed(), '{"appid":"1"}');

/** A server that looks at pictures when the test lets it. */
interface HeldServer extends AsyncDisposable {
  readonly served: Served;
  /** Resolves when a picture waits to be looked at. */
  readonly waiting: Promise<void>;
  readonly letGo: () => void;
}

function serveHeld(): HeldServer {
  const { analyzer } = openContext();
  const [waiting, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held: FaceAnalyzer = {
    ...analyzer,
    analyze: async (bytes, options) => {
      waiting.resolve();
      await gate.promise;
      return analyzer.analyze(bytes, options);
    },
  };
  const served = serve({ analyzer: held });
  return {
    served,
    waiting: waiting.promise,
    letGo: gate.resolve,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

test('a server that finishes closes idle connections at once, and answers what is in flight', {
  timeout,
}, async (t) => {
  await using held = serveHeld();
  const { served } = held;
  const port = await served.listen();
  using silent = await RawClient.open(port, t.signal);
  using halting = await RawClient.open(port, t.signal);
  halting.write(slow.slice(0, 20));
  using idle = await RawClient.open(port, t.signal);
  idle.write(quick);
  await idle.seen('"code":-1307');
  using busy = await RawClient.open(port, t.signal);
  busy.write(slow);
  await held.waiting;

  let drained = false;
  const draining = served.server.drain().then(() => {
    drained = true;
  });
  await Promise.all([silent.closed(), halting.closed(), idle.closed()]);
  assert.deepEqual([silent.text, halting.text, drained], ['', '', false]);
  held.letGo();
  await busy.closed();
  assert.match(busy.text, /"code":0,/);
  await draining;
});

test('a request that comes while the server finishes is refused, and told that the connection ends', {
  timeout,
}, async (t) => {
  await using held = serveHeld();
  const { served } = held;
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(slow);
  await held.waiting;
  const draining = served.server.drain();
  const came = once(served.server.http.server, 'request', { signal: t.signal });
  client.write(quick);
  await came;
  held.letGo();
  await client.closed();
  const [first, second] = client.text.split(/(?<=\})(?=HTTP)/);
  assert.match(first ?? '', /"code":0,/);
  assert.match(second ?? '', /^HTTP\/1\.1 503 /);
  assert.match(second ?? '', /\r\nconnection: close\r\n/i);
  assert.match(second ?? '', /"code":108,.*shutting down/);
  await draining;
});

test('a connection with two requests in flight ends when both are answered', { timeout }, async (t) => {
  await using held = serveHeld();
  const { served } = held;
  using client = await RawClient.open(await served.listen(), t.signal);
  const second = once(served.server.http.server, 'request', { signal: t.signal }).then(() =>
    once(served.server.http.server, 'request', { signal: t.signal }),
  );
  client.write(slow + slow);
  await second;
  await held.waiting;
  const draining = served.server.drain();
  held.letGo();
  await client.closed();
  assert.equal(client.text.match(/"code":0,/g)?.length, 2);
  await draining;
});
