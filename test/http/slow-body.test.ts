import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { beginBody, RawClient, requestText } from './raw-client.ts';
import { serve, signed } from './served.ts';

const timeout = 10_000;
const text = requestText('getgroupids', signed(), JSON.stringify({ appid: '1', pad: 'x'.repeat(40_000) }));

test('a body that comes too slowly ends, and one that is quick enough does not', { timeout }, async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  await using served = serve({ bodyRateMin: 1_000, bodyBytesMax: 50_000 });
  const port = await served.listen();
  using slow = await RawClient.open(port, t.signal);
  await beginBody(served.server.http.server, slow, text, 9_999);
  using quick = await RawClient.open(port, t.signal);
  await beginBody(served.server.http.server, quick, text, 10_000);
  mock.timers.tick(10_000);
  await slow.closed();
  assert.match(slow.text, /"code":15,"message":"too many requests the body comes too slowly"\}$/);
  assert.equal(quick.text, '');
  mock.timers.tick(10_000);
  await quick.closed();
  assert.match(quick.text, /"code":15/, 'what came before is no credit');
});
