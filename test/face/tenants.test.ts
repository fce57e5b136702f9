/** What is set for an appid or a key holds for the next call, without a restart. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeKey } from '../../src/app/first-key.ts';
import { photograph, signFor, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

const none = -1307;

test('an appid is held to the limits that were set for it a moment ago, and told which', async () => {
  const { tenants } = app.app.stores;
  const { appid } = app.key;
  const image = (await photograph(1)).toString('base64');
  const register = (id: string) => app.json('newperson', { person_id: id, group_ids: [`g-${id}`], image });
  assert.equal((await register('p')).code, 0);
  for (const [limits, code, message] of [
    [{ persons: 1 }, 15, 'too many requests persons of the appid: 1 at most'],
    [{ faces: 1 }, 15, 'too many requests faces of the appid: 1 at most'],
    [{ groups: 1 }, -1311, undefined],
    [{ enrolQuality: 100 }, -1103, undefined],
  ] as const) {
    await tenants.set(appid, { limits: { persons: null, faces: null, groups: null, enrolQuality: null, ...limits } });
    const refused = await register('q');
    assert.equal(refused.code, code);
    if (message === undefined) continue;
    assert.equal(refused.message, message);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '3600']);
    const added = await app.json('addface', { person_id: 'p', images: [image] });
    assert.equal(added.code, 'faces' in limits ? 15 : 0, 'a copy is no new face');
  }
  await tenants.set(appid, { limits: { enrolQuality: null, callsPerSecond: 1 } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => app.json('getgroupids', {})));
  assert.ok(answers.filter(({ code, message }) => code === 15 && /calls a second$/.test(message)).length >= 3);
  await tenants.set(appid, { limits: { callsPerSecond: null } });
  assert.equal((await register('q')).code, 0);
});

test('a key that is confined is told what it may not call, and its use is noted', async () => {
  const { keys, keyUses } = app.app.stores;
  const key = { ...makeKey(Date.now()), endpoints: ['getgroupids'] };
  await keys.addKey(key, []);
  const headers = { authorization: signFor(key) };
  const call = (endpoint: 'getgroupids' | 'delperson') =>
    app.json(endpoint, { appid: key.appid, person_id: 'p' }, headers);
  assert.equal((await call('getgroupids')).code, none);
  const refused = await call('delperson');
  assert.deepEqual(
    [refused.code, refused.status, refused.message],
    [11, 400, 'secretid does not exist the key may not call delperson'],
  );
  assert.ok(Math.abs((await keyUses()).get(key.secretId)! - Date.now()) < 60_000);
  await keys.setKey(key.secretId, { expiresAt: Date.now() - 1 });
  const late = await call('getgroupids');
  assert.deepEqual([late.code, late.message], [11, 'secretid does not exist']);
});
