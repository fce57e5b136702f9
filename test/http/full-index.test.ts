import assert from 'node:assert/strict';
import test from 'node:test';
import { openContext } from '../domain/memory-context.ts';
import { imageOf, serve } from './served.ts';

test('while the index is full enrolment is answered -1200 with the reason, and everything else as ever', async () => {
  const context = openContext();
  let isFull = false;
  const gallery = {
    ...context.gallery,
    get isFull() {
      return isFull;
    },
  };
  await using served = serve({ storeOf: () => context.store, galleryOf: () => gallery });
  const person = { person_id: 'ada' };
  const image = imageOf({ cosine: 1 });
  const register = { ...person, group_ids: ['g', 'h'], image };
  assert.equal((await served.call('newperson', register)).code, 0);
  isFull = true;
  for (const [endpoint, fields] of [
    ['newperson', { ...register, person_id: 'bob' }],
    ['addface', { ...person, images: [imageOf({ cosine: 0.5 })] }],
    ['addgroupids', { ...person, group_ids: ['i'] }],
  ] as const) {
    const { status, code, message, data } = await served.call(endpoint, fields);
    assert.deepEqual(
      [status, code, message, data],
      [200, -1200, 'STORAGE_ERROR the index is full', undefined],
      endpoint,
    );
  }
  for (const [endpoint, fields] of [
    ['getinfo', person],
    ['setinfo', { ...person, tag: 'later' }],
    ['verify', { ...person, image }],
    ['identify', { group_id: 'g', image }],
    ['delgroupids', { ...person, group_ids: ['h'] }],
    ['delperson', person],
  ] as const) {
    const { code, text } = await served.call(endpoint, fields);
    assert.equal(code, 0, `${endpoint}: ${text}`);
  }
});
