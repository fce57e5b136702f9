import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchange } from '../conformance/exchange.ts';
import { openService, type Service } from '../contract/service.ts';

let service: Service;
before(async () => {
  service = await openService();
});
after(() => service[Symbol.asyncDispose]());

/** The status and the code of a getgroupids call with these headers, besides those that it needs. */
async function answerWith(...headers: readonly string[]): Promise<readonly [number, number]> {
  const body = JSON.stringify({ appid: service.opened.key.appid });
  const head = [
    'POST /face/getgroupids HTTP/1.1',
    ...headers,
    `Authorization: ${service.sign()}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  const [reply] = await exchange(service.opened.url, 1, async (line) => {
    line.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`));
  });
  assert.equal(reply?.headers.get('content-type'), 'application/json; charset=utf-8');
  return [reply.status, JSON.parse(reply.body).code];
}

for (const [what, headers] of [
  ['without a Host header', []],
  ['with an empty Host header', ['Host:']],
  ['with an expectation that nobody knows', ['Host: x', 'Expect: a-miracle']],
  ['that offers another protocol', ['Host: x', 'Connection: upgrade', 'Upgrade: h2c']],
] as const) {
  test(`a call ${what} is answered like any other`, async () => {
    assert.deepEqual(await answerWith(...headers), [200, -1307]);
  });
}
