import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import test from 'node:test';
import { originForm, refuseSocket } from '../../src/http/engine.ts';
import { RawClient } from './raw-client.ts';
import { serve, signed } from './served.ts';

test('a whole url as the target of a request counts by its path and what follows', () => {
  for (const [target, expected] of [
    ['/face/getinfo', '/face/getinfo'],
    ['/face/http://x/y', '/face/http://x/y'],
    ['http://x/face/getinfo?a=1', '/face/getinfo?a=1'],
    ['HTTPS://x:8080/face/getinfo', '/face/getinfo'],
    ['http://x', '/'],
    ['http://x/', '/'],
    ['http://x?a=/b', '/?a=/b'],
    ['https://x:443?', '/?'],
    ['ftp://x/face/getinfo', 'ftp://x/face/getinfo'],
    ['httpss://x/face/getinfo', 'httpss://x/face/getinfo'],
    ['*', '*'],
  ] as const) {
    assert.equal(originForm(target), expected, target);
  }
});

/** A socket as far as a refusal has to do with it. */
function socketThat(writable: boolean) {
  const told: string[] = [];
  const socket = {
    writable,
    end: (text: string) => void told.push(text),
    destroy: () => void told.push('destroyed'),
  } as unknown as Socket;
  return { socket, told };
}

test('who is gone or cannot be written to is told nothing', () => {
  for (const [code, writable] of [
    ['ECONNRESET', true],
    ['HPE_INVALID_METHOD', false],
    ['ECONNRESET', false],
  ] as const) {
    const { socket, told } = socketThat(writable);
    refuseSocket(Object.assign(new Error(code), { code }), socket);
    assert.deepEqual(told, ['destroyed'], `${code}, ${writable}`);
  }
  const { socket, told } = socketThat(true);
  refuseSocket(Object.assign(new Error('x'), { code: 'HPE_INVALID_METHOD' }), socket);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^HTTP\/1\.1 400 Bad Request\r\n/);
});

test('a request needs no Host header', { timeout: 10_000 }, async (t) => {
  await using served = serve();
  using client = await RawClient.open(await served.listen(), t.signal);
  const body = '{"appid":"1"}';
  const lines = [
    'POST /face/getgroupids HTTP/1.1',
    `Authorization: ${signed()}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  client.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  await client.seen('"code":-1307');
  assert.match(client.text, /^HTTP\/1\.1 200 /);
});

test('an error of the engine is the caller’s fault or ours, as its status says', async () => {
  const failing = async (statusCode: number | undefined) => {
    const error = Object.assign(new Error('of the engine'), { statusCode });
    const downloads = { fetch: () => Promise.reject(error) };
    await using served = serve({ downloads });
    const { code, status } = await served.call('detect', { url: 'http://x/' });
    const causes = served.log.filter(({ level }) => level === 50).map(({ err }) => (err as Error).message);
    return [code, status, ...causes];
  };
  for (const [statusCode, expected] of [
    [400, [3, 400]],
    [404, [3, 404]],
    [413, [23, 413]],
    [499, [3, 400]],
    [500, [213, 500, 'of the engine']],
    [503, [213, 500, 'of the engine']],
    [undefined, [213, 500, 'of the engine']],
  ] as const) {
    assert.deepEqual(await failing(statusCode), expected, `${statusCode}`);
  }
});

test('why a call could not be counted is in the log', async () => {
  await using served = serve({ usage: { count: () => Promise.reject(new Error('disk')), report: async () => [] } });
  await served.call('getgroupids');
  const errors = served.log.filter(({ level }) => level === 50);
  assert.deepEqual(
    errors.map(({ err }) => (err as Error).message),
    ['disk'],
  );
});
