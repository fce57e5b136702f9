import assert from 'node:assert/strict';
import test from 'node:test';
import { usageReport } from '../../src/app/usage.ts';
import { photograph, startApp } from '../harness.ts';

test('a call counts once, in the month of the configured time zone, by appid, endpoint and outcome', async () => {
  // The last second of July in UTC is August in Shanghai.
  const now = Date.UTC(2026, 6, 31, 23, 59, 59);
  await using app = await startApp({}, { now: () => now });
  const madeAt = Math.floor(now / 1000);
  const { signFor } = await import('../harness.ts');
  const headers = { authorization: signFor(app.key, madeAt) };
  const image = (await photograph(1)).toString('base64');
  assert.equal((await app.json('newperson', { person_id: 'p', group_ids: ['g'], image }, headers)).code, 0);
  await app.json('newperson', { person_id: 'p', group_ids: ['g'], image }, headers);
  const images = [(await photograph(3)).toString('base64'), (await photograph(4)).toString('base64')];
  await app.json('addface', { person_id: 'p', images }, headers);
  await app.json('getinfo', { person_id: 'p' }, headers);
  await app.json('getinfo', {}, headers);
  await app.json('getinfo', { person_id: 'p' }, { authorization: 'nobody' });
  assert.deepEqual(await usageReport(app.app.stores.usage, '2026-07'), []);
  const { appid } = app.key;
  const month = '2026-08';
  assert.deepEqual(await usageReport(app.app.stores.usage, month), [
    { appid, month, endpoint: 'addface', ok: 1, failed: 0, pictures: 2, faces: 7, products: ['verify', 'identify'] },
    { appid, month, endpoint: 'getinfo', ok: 1, failed: 1, pictures: 0, faces: 0, products: [] },
    { appid, month, endpoint: 'newperson', ok: 1, failed: 1, pictures: 1, faces: 3, products: ['verify', 'identify'] },
  ]);
});
