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
