import assert from 'node:assert/strict';
import test from 'node:test';
import { serve } from './served.ts';

const preflight = (origin: string) => ({
  method: 'OPTIONS' as const,
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
});

test('a page of a listed origin may call and read the answer, refusals included', async () => {
  await using served = serve({ corsOrigins: ['https://shop.example', 'https://app.example'] });
  const asked = await served.send('/face/getinfo', preflight('https://app.example'));
  assert.equal(asked.status, 204);
  assert.deepEqual(
    [
      'access-control-allow-origin',
      'access-control-allow-methods',
      'access-control-allow-headers',
      'access-control-max-age',
    ].map((name) => asked.headers[name]),
    ['https://app.example', 'POST', 'authorization, content-type', '600'],
  );
  const answer = await served.call('getinfo', { person_id: 'nobody' }, { origin: 'https://app.example' });
  assert.deepEqual(
    [answer.status, answer.code, answer.headers['access-control-allow-origin']],
    [200, -1303, 'https://app.example'],
  );
  assert.match(String(answer.headers['access-control-expose-headers']), /x-request-id/);
  assert.match(String(answer.headers.vary), /origin/i);
  const unsigned = await served.send('/face/getinfo', {
    headers: { origin: 'https://app.example', authorization: '' },
    body: '{}',
  });
  assert.deepEqual([unsigned.code, unsigned.headers['access-control-allow-origin']], [4, 'https://app.example']);
});

test('a page of another origin is told nothing, and without the setting nobody is', async () => {
  await using listed = serve({ corsOrigins: ['https://shop.example'] });
  await using closed = serve();
  for (const served of [listed, closed]) {
    const answer = await served.call('getinfo', { person_id: 'nobody' }, { origin: 'https://evil.example' });
    assert.notEqual(answer.headers['access-control-allow-origin'], 'https://evil.example');
  }
  const asked = await closed.send('/face/getinfo', preflight('https://shop.example'));
  assert.deepEqual([asked.status, asked.code], [405, 3]);
});
