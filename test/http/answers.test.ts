import assert from 'node:assert/strict';
import test from 'node:test';
import { imageOf, type Served, serve } from './served.ts';

const [first, second] = ['1000000000000000000', '1000000000000000001'];
const box = { x: 1, y: -2, width: 100, height: 120 };
const described = { gender: 100, age: 30, expression: 50, glass: true, pitch: -3, yaw: 30, roll: 180 };
const face = { cosine: 1 };

/** Registers `ada` in the groups `g` and `h` with one face. */
async function register({ call }: Served): Promise<void> {
  const fields = {
    person_id: 'ada',
    group_ids: ['g', 'h', 'g'],
    person_name: 'Ada',
    tag: 'first',
    image: imageOf(face),
  };
  const { code, data, headers } = await call('newperson', fields);
  assert.equal(code, 0);
  assert.deepEqual(data, {
    session_id: headers['x-request-id'],
    suc_group: 2,
    suc_face: 1,
    person_id: 'ada',
    face_id: first,
    group_ids: ['g', 'h'],
  });
}

/** The data of a call that succeeds, without its session_id, which must be the request's. */
async function dataOf(served: Served, ...[endpoint, fields]: Parameters<Served['call']>): Promise<object> {
  const { code, data, headers, text } = await served.call(endpoint, fields);
  assert.equal(code, 0, text);
  const { session_id: sessionId, ...rest } = data;
  if (sessionId !== undefined) assert.equal(sessionId, headers['x-request-id']);
  return rest;
}

test('persons, groups and faces are answered with just the documented fields, as they then are', async () => {
  await using served = serve();
  await register(served);
  const person = { person_id: 'ada' };
  assert.deepEqual(await dataOf(served, 'getinfo', person), {
    person_name: 'Ada',
    person_id: 'ada',
    face_ids: [first],
    group_ids: ['g', 'h'],
    tag: 'first',
  });
  assert.deepEqual(await dataOf(served, 'setinfo', { ...person, person_name: 'Countess', tag: '' }), person);
  const changed = (await served.call('getinfo', person)).data;
  assert.deepEqual([changed.person_name, changed.tag], ['Countess', '']);
  assert.deepEqual(await dataOf(served, 'getgroupids'), { group_ids: ['g', 'h'] });
  assert.deepEqual(await dataOf(served, 'getpersonids', { group_id: 'g' }), { person_ids: ['ada'] });
  assert.deepEqual(await dataOf(served, 'getfaceids', person), { face_ids: [first] });
  const item = { face_id: first, ...box, ...described };
  assert.deepEqual(await dataOf(served, 'getfaceinfo', { face_id: first }), { face_info: item });
  assert.deepEqual(await dataOf(served, 'addgroupids', { ...person, group_ids: ['h', 'i'] }), {
    ...person,
    added: 1,
    group_ids: ['g', 'h', 'i'],
  });
  assert.deepEqual(await dataOf(served, 'delgroupids', { ...person, group_ids: ['g', 'i', 'x', 'g'] }), {
    ...person,
    deleted: 2,
    group_ids: ['h'],
  });
  assert.deepEqual(await dataOf(served, 'delface', { ...person, face_ids: [first, '7'] }), {
    deleted: 1,
    face_ids: [first],
  });
  assert.deepEqual(await dataOf(served, 'delperson', person), { ...person, deleted: 1 });
  assert.equal((await served.call('getinfo', person)).code, -1303);
});

test('addface answers a code and an id for each picture', async () => {
  await using served = serve();
  await register(served);
  const images = [imageOf({ cosine: 0.5 }), imageOf(), imageOf({ cosine: 0.995 })];
  assert.deepEqual(await dataOf(served, 'addface', { person_id: 'ada', tag: 'later', images }), {
    added: 1,
    face_ids: [second, '', first],
    ret_codes: [0, -1101, -1312],
  });
});

test('detect and shape answer each face, and in mode 1 the largest alone', async () => {
  await using served = serve();
  const image = imageOf(...[600, 500, 400, 300, 200, 100.126].map((width) => ({ cosine: 1, width })));
  const all = await served.call('detect', { image });
  const [largest] = all.data.face;
  assert.deepEqual([all.data.image_width, all.data.image_height, all.data.face.length], [640, 480, 6]);
  assert.match(largest.face_id, /^\d{19}$/);
  assert.deepEqual({ ...largest, face_id: '' }, { face_id: '', ...box, width: 600, ...described });
  assert.deepEqual({ ...all.data.face[5], face_id: '' }, { face_id: '', ...box, width: 100.13 });
  assert.equal(new Set(all.data.face.map(({ face_id }: { face_id: string }) => face_id)).size, 6);
  const one = await served.call('detect', { image, mode: 1 });
  assert.deepEqual(
    one.data.face.map(({ width }: { width: number }) => width),
    [600],
  );
  const shapes = await served.call('shape', { image });
  assert.equal(shapes.data.face_shape.length, 5);
  const points = [{ x: 600, y: 1 }];
  assert.deepEqual(shapes.data.face_shape[0], {
    face_profile: points,
    left_eye: points,
    right_eye: points,
    left_eyebrow: points,
    right_eyebrow: points,
    mouth: points,
    nose: points,
  });
  assert.deepEqual([shapes.data.image_width, shapes.data.image_height], [640, 480]);
  assert.equal((await served.call('shape', { image, mode: 1 })).data.face_shape.length, 1);
});

test('compare answers a similarity, or which picture is at fault', async () => {
  await using served = serve();
  const [imageA, imageB] = [imageOf(face), imageOf({ cosine: 0.56789 })];
  assert.deepEqual(await dataOf(served, 'compare', { imageA, imageB }), { similarity: 56.79 });
  const nobody = imageOf();
  for (const [fields, flag] of [
    [{ imageA: nobody, imageB }, 1],
    [{ imageA, imageB: nobody }, 2],
    [{ imageA: nobody, imageB: nobody }, 1],
  ] as const) {
    const refused = await served.call('compare', fields);
    const data = { session_id: refused.headers['x-request-id'], similarity: 0, fail_flag: flag };
    assert.deepEqual([refused.code, refused.data], [-1101, data]);
  }
});

test('verify, identify and multidentify answer whom a face resembles', async () => {
  await using served = serve();
  await register(served);
  const image = imageOf({ cosine: 0.74999, width: 50.4 }, { cosine: 0.3, width: 0.2 });
  assert.deepEqual(await dataOf(served, 'verify', { person_id: 'ada', image }), { confidence: 75, ismatch: true });
  const low = imageOf({ cosine: 0.7499 });
  assert.deepEqual(await dataOf(served, 'verify', { person_id: 'ada', image: low }), {
    confidence: 74.99,
    ismatch: false,
  });
  const candidates = [{ person_id: 'ada', face_id: first, confidence: 75, tag: 'first' }];
  assert.deepEqual(await dataOf(served, 'identify', { group_id: 'g', image }), { candidates });
  assert.deepEqual(await dataOf(served, 'identify', { group_ids: ['x', 'h'], image }), { candidates });
  assert.equal((await served.call('identify', { group_ids: ['x'], image })).code, -1306);
  const nowhere = await served.call('identify', { image });
  assert.deepEqual([nowhere.code, nowhere.message], [-1301, 'ERROR_PARAMETER_EMPTY group_id or group_ids']);
  const several = await served.call('multidentify', { group_id: 'x', group_ids: ['g'], image, session_id: 'mine' });
  assert.deepEqual(several.data, {
    session_id: 'mine',
    results: [
      { candidates, face_rect: { x: 1, y: -2, width: 50, height: 120 } },
      { candidates: [{ ...candidates[0], confidence: 30 }], face_rect: { x: 1, y: -2, width: 1, height: 120 } },
    ],
  });
  const own = await served.call('multidentify', { group_id: 'g', image, session_id: '' });
  assert.equal(own.data.session_id, own.headers['x-request-id']);
});
