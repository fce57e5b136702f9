import assert from 'node:assert/strict';
import test from 'node:test';
import { RawClient, requestText } from './raw-client.ts';
import { bodyBytesMax, serve, signed } from './served.ts';

const timeout = 10_000;
const body = JSON.stringify({ appid: '1', group_id: 'g' });
const expects = ['Expect: 100-continue'];
const asked = 'HTTP/1.1 100 Continue\r\n\r\n';
/** The answer to {@link body}: there is no such group. */
const answered = '"code":-1306';

/** A request's head, without the body that it announces. */
function headOf(authorization: string, length = Buffer.byteLength(body)): string {
  const text = requestText('getpersonids', authorization, '', expects);
  return text.replace('Content-Length: 0', `Content-Length: ${length}`);
}

test('who is refused before the body was asked for is told that the connection ends, and it does', {
  timeout,
}, async (t) => {
  await using served = serve();
  const port = await served.listen();
  for (const [authorization, code] of [
    ['', 4],
    [signed({}, 'wrong'), 14],
  ] as const) {
    using client = await RawClient.open(port, t.signal);
    client.write(headOf(authorization));
    await client.closed();
    assert.match(client.text, /^HTTP\/1\.1 400 /);
    assert.match(client.text, /\r\nconnection: close\r\n/i);
    assert.match(client.text, new RegExp(`\\r\\n\\r\\n\\{"code":${code},[^}]*\\}$`));
  }
});

test('who is asked for the body keeps the connection, and may call again on it', { timeout }, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  for (let round = 0; round < 2; round += 1) {
    client.text = '';
    client.write(headOf(signed()));
    await client.seen(asked);
    assert.equal(client.text, asked, 'nothing is answered before there is a body');
    client.write(body);
    await client.seen(answered);
    assert.doesNotMatch(client.text, /connection: close/i);
  }
  client.text = '';
  client.write(requestText('getpersonids', '', body));
  await client.seen('"code":4');
  assert.doesNotMatch(client.text, /connection: close/i, 'a body that came anyway is no reason to part');
});

test('a body that announces too much is not asked for', { timeout }, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(headOf(signed(), bodyBytesMax + 1));
  await client.closed();
  assert.match(client.text, /^HTTP\/1\.1 413 /);
  assert.match(client.text, /"code":23/);
});

test('any other expectation is passed over', { timeout }, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(requestText('getpersonids', signed(), body, ['Expect: the-unexpected']));
  await client.seen(answered);
  assert.match(client.text, /^HTTP\/1\.1 200 /);
});

test('a body that does not say how long it is may be as long as others, and no longer', { timeout }, async (t) => {
  await using served = serve();
  const port = await served.listen();
  const head = requestText('getgroupids', signed(), '').replace('Content-Length: 0', 'Transfer-Encoding: chunked');
  for (const [length, answer] of [
    [bodyBytesMax, /^HTTP\/1\.1 200 .*"code":-1307/s],
    [bodyBytesMax + 1, /^HTTP\/1\.1 413 .*"code":23,/s],
  ] as const) {
    using client = await RawClient.open(port, t.signal);
    const text = '{"appid":"1"}'.padEnd(length);
    client.write(`${head}${length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
    await client.seen('"code"');
    assert.match(client.text, answer);
  }
});
