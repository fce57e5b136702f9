import assert from 'node:assert/strict';
import test from 'node:test';
import { RawClient, requestText } from './raw-client.ts';
import { serve, signed } from './served.ts';

const timeout = 10_000;
const call = requestText('getgroupids', signed(), '{"appid":"1"}');
const other = requestText('getgroupids', signed({ appid: '2', secretId: 'S2' }, 'K2'), '{"appid":"2"}');
const answered = '"code":-1307';

test('a connection beyond the limit is told so and closed, until one of the others ends', { timeout }, async (t) => {
  await using served = serve({ connections: { max: 2, appidMax: 100 } });
  const port = await served.listen();
  using first = await RawClient.open(port, t.signal);
  using second = await RawClient.open(port, t.signal);
  for (const client of [first, second]) {
    client.write(call);
    await client.seen(answered);
  }
  using third = await RawClient.open(port, t.signal);
  third.write(call);
  await third.closed();
  assert.match(third.text, /^HTTP\/1\.1 429 /);
  assert.match(third.text, /"code":15,"message":"too many requests connections"\}$/);
  first[Symbol.dispose]();
  for (;;) {
    using next = await RawClient.open(port, t.signal);
    next.write(call);
    await next.seen('"code"');
    if (next.text.includes(answered)) break;
  }
});

test('whoever has no key cannot keep callers out by opening connections', { timeout }, async (t) => {
  await using served = serve({ connections: { max: 3, appidMax: 100 } });
  const port = await served.listen();
  using caller = await RawClient.open(port, t.signal);
  caller.write(call);
  await caller.seen(answered);
  using first = await RawClient.open(port, t.signal);
  first.write(call.slice(0, 20));
  using second = await RawClient.open(port, t.signal);
  using another = await RawClient.open(port, t.signal);
  another.write(other);
  await another.seen(answered);
  await first.closed();
  using third = await RawClient.open(port, t.signal);
  await second.closed();
  third.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await third.seen('"code":0');
  caller.text = '';
  caller.write(call);
  await caller.seen(answered);
});

test('an appid calls on no more connections than it may, and others on theirs', { timeout }, async (t) => {
  await using served = serve({ connections: { max: 100, appidMax: 1 } });
  const port = await served.listen();
  using first = await RawClient.open(port, t.signal);
  using second = await RawClient.open(port, t.signal);
  using third = await RawClient.open(port, t.signal);
  for (const [client, text] of [
    [first, call],
    [first, call],
    [second, other],
  ] as const) {
    client.text = '';
    client.write(text);
    await client.seen(answered);
  }
  third.write(call);
  await third.closed();
  assert.match(third.text, /"code":15,"message":"too many requests connections"\}$/);
  // The connection is the other appid's from now on, and the first one's are free again.
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  for (;;) {
    using next = await RawClient.open(port, t.signal);
    next.write(call);
    await next.seen('"code"');
    if (next.text.includes(answered)) break;
  }
});
