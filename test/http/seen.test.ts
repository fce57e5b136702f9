/** Which calls tell that a person was seen, and how a new face that resembles another person is answered. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { imageOf, type Served, serve } from './served.ts';

async function register({ call }: Served, person_id: string, cosine: number): Promise<string> {
  const { code, data } = await call('newperson', { person_id, group_ids: ['g'], image: imageOf({ cosine }) });
  assert.equal(code, 0);
  return data.face_id;
}

test('who is verified, or the best of a picture’s candidates, is seen from 75 on; nobody else is', async () => {
  await using served = serve();
  const ada = await register(served, 'ada', 1);
  const bob = await register(served, 'bob', 0.6);
  const { seen } = served.contextOf('1');
  const group_id = 'g';
  await served.call('verify', { person_id: 'ada', image: imageOf({ cosine: 0.7499 }) });
  await served.call('identify', { group_id, image: imageOf({ cosine: -0.5 }) });
  assert.deepEqual(seen, []);
  await served.call('verify', { person_id: 'ada', image: imageOf({ cosine: 0.75 }) });
  assert.deepEqual(seen, [ada]);
  // Both are alike enough; the nearer one is who it is.
  await served.call('identify', { group_id, image: imageOf({ cosine: 0.95 }) });
  assert.deepEqual(seen, [ada, ada]);
  await served.call('multidentify', { group_id, image: imageOf({ cosine: 0.55 }, { cosine: 1, width: 50 }) });
  assert.deepEqual(seen, [ada, ada, bob, ada]);
});

test('the header tells the score of each new face that resembles another person, refused or not', async () => {
  for (const isRefused of [false, true]) {
    await using served = serve({ limits: { resembling: { isRefused, leastScore: 92 } } });
    await register(served, 'ada', 1);
    await register(served, 'bob', -1);
    const like = { person_id: 'eve', group_ids: ['g'], image: imageOf({ cosine: 0.95 }) };
    const one = await served.call('newperson', like);
    assert.equal(one.code, isRefused ? -1313 : 0);
    assert.equal(one.headers['x-face-resembles'], '95.00');
    const pictures = [imageOf({ cosine: 0 }), imageOf({ cosine: -0.95 })];
    const some = await served.call('addface', { person_id: 'ada', images: pictures });
    assert.equal(some.headers['x-face-resembles'], '-, 95.00');
    assert.deepEqual(some.data.ret_codes, isRefused ? [0, -1313] : [0, 0]);
  }
  await using served = serve();
  await register(served, 'ada', 1);
  const answer = await served.call('newperson', { person_id: 'b', group_ids: ['g'], image: imageOf({ cosine: 1 }) });
  assert.equal(answer.headers['x-face-resembles'], undefined, 'nobody wants to know');
});
