import assert from 'node:assert/strict';
import test from 'node:test';
import { RawClient } from './raw-client.ts';
import { serve } from './served.ts';

test('bytes that are not HTTP are answered with one envelope, and the connection ends', {
  timeout: 10_000,
}, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write('this is not HTTP\r\n\r\n');
  await client.closed();
  const body = '{"code":3,"message":"invalid request"}';
  assert.equal(
    client.text,
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
});

test('CONNECT is answered as any wrong method is, and the connection ends', { timeout: 10_000 }, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write('CONNECT pictures.example:443 HTTP/1.1\r\nHost: pictures.example:443\r\n\r\n');
  await client.closed();
  assert.match(client.text, /^HTTP\/1\.1 405 Method Not Allowed\r\n/);
  assert.match(client.text, /\r\n\r\n\{"code":3,"message":"[^"]+"\}$/);
});
