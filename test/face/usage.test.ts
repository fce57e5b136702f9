import assert from 'node:assert/strict';
import test from 'node:test';
import { daysOf } from '../../src/app/calendar.ts';
import { type UsageBy, usageReport } from '../../src/app/usage.ts';
import { photograph, startApp } from '../harness.ts';

test('a call counts once, on the day of the configured time zone, by appid, key, endpoint and code', async () => {
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
  const report = (month: string, by: readonly UsageBy[]) => usageReport(app.app.stores.usage, { ...daysOf(month), by });
  assert.deepEqual(await report('2026-07', ['endpoint']), []);
  const { appid } = app.key;
  assert.deepEqual(await report('2026-08', ['endpoint']), [
    { appid, endpoint: 'addface', ok: 1, failed: 0, pictures: 2, faces: 7, products: ['verify', 'identify'] },
    { appid, endpoint: 'getinfo', ok: 1, failed: 1, pictures: 0, faces: 0, products: [] },
    { appid, endpoint: 'newperson', ok: 1, failed: 1, pictures: 1, faces: 3, products: ['verify', 'identify'] },
  ]);
  const { secretId } = app.key;
  const told = { appid, day: '2026-08-01', key: secretId };
  assert.deepEqual(
    (await report('2026-08', ['day', 'key', 'code'])).map(({ code, ok, failed }) => [code, ok, failed]),
    [
      [-1302, 0, 1],
      [-1301, 0, 1],
      [0, 3, 0],
    ],
  );
  assert.deepEqual(await report('2026-08', ['day', 'key']), [{ ...told, ok: 3, failed: 2, pictures: 3, faces: 10 }]);
});
