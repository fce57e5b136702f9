import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { checkShape, photograph, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

test('detect finds every face, describes the five largest, and keeps none', async () => {
  for (const [number, faces] of [
    [1, 3],
    [3, 3],
    [4, 4],
    [5, 5],
  ] as const) {
    const { width, height } = await sharp(await photograph(number)).metadata();
    const answer = await app.form('detect', { image: await photograph(number) });
    checkShape('detect', answer);
    assert.deepEqual(
      [answer.data.image_width, answer.data.image_height, answer.data.face.length],
      [width, height, faces],
    );
    const areas: number[] = answer.data.face.map((face: { width: number; height: number }) => face.width * face.height);
    assert.deepEqual(
      areas,
      areas.toSorted((a, b) => b - a),
      'largest first',
    );
    assert.equal((await app.json('getfaceinfo', { face_id: answer.data.face[0].face_id })).code, -1305);
  }
});

test('beyond the five largest faces detect tells only places', async () => {
  const [left, right] = await Promise.all(
    ([5, 4] as const).map(async (number) =>
      sharp(await photograph(number))
        .resize({ height: 700 })
        .toBuffer(),
    ),
  );
  const { width = 0 } = await sharp(left).metadata();
  const both = await sharp(left)
    .extend({ right: width })
    .composite([{ input: right!, left: width, top: 0 }])
    .jpeg()
    .toBuffer();
  const { data } = await app.form('detect', { image: both });
  assert.equal(data.face.length, 9);
  for (const [i, face] of data.face.entries()) {
    assert.equal('age' in face, i < 5, `face ${i}`);
  }
  const one = (await app.json('detect', { image: both.toString('base64'), mode: 1 })).data.face;
  assert.equal(one.length, 1);
  const same = data.face.find(({ x, y }: { x: number; y: number }) => x === one[0].x && y === one[0].y);
  assert.deepEqual({ ...one[0], face_id: '' }, { ...same, face_id: '' }, 'a face is described alone as among others');
});

test('faces of 16 pixels are detected where all faces are asked for; no other call sees them', async () => {
  const [left, right] = await Promise.all(
    (
      [
        [5, 157],
        [6, 132],
      ] as const
    ).map(async ([number, width]) =>
      sharp(await photograph(number))
        .resize(width, 110, { fit: 'cover' })
        .toBuffer(),
    ),
  );
  const crowd = await sharp(left)
    .extend({ right: 132 })
    .composite([{ input: right!, left: 157, top: 0 }])
    .png()
    .toBuffer();
  const { data } = await app.form('detect', { image: crowd });
  assert.ok(data.face.length >= 8 && data.face.length <= 9, `${data.face.length} of 9`);
  for (const [i, face] of data.face.entries()) {
    assert.ok(face.width >= 9 && face.height < 28, JSON.stringify(face));
    assert.equal('age' in face, i < 5, `face ${i}`);
  }
  assert.equal((await app.form('detect', { image: crowd, mode: '1' })).code, -1101);
  assert.equal((await app.form('shape', { image: crowd })).code, -1101);
  assert.equal((await app.form('newperson', { person_id: 'tiny', group_ids: ['g'], image: crowd })).code, -1101);
});

test('shape traces 88 points of each face, left of the picture on the left, inside the face’s box', async () => {
  const image = await photograph(3);
  const answer = await app.form('shape', { image, mode: '1' });
  checkShape('shape', answer);
  const [shape] = answer.data.face_shape;
  const [box] = (await app.form('detect', { image, mode: 1 })).data.face;
  const points = Object.values(shape).flat() as { x: number; y: number }[];
  assert.equal(points.length, 88);
  for (const { x, y } of points) {
    assert.ok(
      x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y - 1 && y <= box.y + box.height + 1,
      `${x}, ${y}`,
    );
  }
  const middle = (list: { x: number }[]) => list.reduce((sum, { x }) => sum + x, 0) / list.length;
  assert.ok(middle(shape.left_eye) < middle(shape.nose) && middle(shape.nose) < middle(shape.right_eye));
  const [ear, , , , , , , , , , chin] = shape.face_profile;
  assert.ok(ear.x < chin.x && chin.x < shape.face_profile[20].x && chin.y > ear.y);
  assert.ok(
    shape.mouth[0].x < shape.mouth[6].x && shape.mouth[3].y > shape.mouth[9].y,
    'corner, lower lip, corner, upper lip',
  );
});

test('compare tells a picture from itself re-encoded and from a stranger', async () => {
  const image = await photograph(3);
  const again = await sharp(image).resize(1500).jpeg({ quality: 70 }).toBuffer();
  const same = await app.form('compare', { imageA: image, imageB: again });
  checkShape('compare', same);
  assert.ok(same.data.similarity >= 99, `${same.data.similarity}`);
  const stranger = await app.form('compare', { imageA: image, imageB: await photograph(5) });
  assert.ok(stranger.data.similarity < 70, `${stranger.data.similarity}`);
});

test('a comparison that fails says which picture is at fault, with zero values', async () => {
  const image = await photograph(3);
  const text = Buffer.from('no picture');
  for (const [imageA, imageB, flag] of [
    [text, image, 1],
    [image, text, 2],
    [text, text, 1],
  ] as const) {
    const answer = await app.form('compare', { imageA, imageB });
    assert.deepEqual([answer.code, answer.data.similarity, answer.data.fail_flag], [-1400, 0, flag]);
    assert.deepEqual(Object.keys(answer.data), ['session_id', 'similarity', 'fail_flag']);
  }
  assert.equal((await app.form('compare', { imageA: image })).code, -1300);
});

test('verify knows a registered face and no other, and needs a person', async () => {
  assert.equal((await app.form('newperson', { person_id: 'p', group_ids: ['g'], image: await photograph(3) })).code, 0);
  const same = await app.form('verify', { person_id: 'p', image: await photograph(3) });
  checkShape('verify', same);
  assert.deepEqual([same.data.ismatch, same.data.confidence >= 99], [true, true]);
  const other = await app.form('verify', { person_id: 'p', image: await photograph(5) });
  assert.deepEqual([other.data.ismatch, other.data.confidence < 75], [false, true]);
  assert.equal((await app.form('verify', { person_id: 'nobody', image: await photograph(5) })).code, -1303);
  const { data } = await app.json('getfaceids', { person_id: 'p' });
  await app.json('delface', { person_id: 'p', face_ids: data.face_ids });
  assert.equal((await app.form('verify', { person_id: 'p', image: await photograph(3) })).code, -1305);
});

test('groups are joined and left, and end with their last member', async () => {
  await app.form('newperson', { person_id: 'q', group_ids: ['one'], image: await photograph(1) });
  const joined = await app.json('addgroupids', { person_id: 'q', group_ids: ['two', 'one', 'two', 'three'] });
  checkShape('addgroupids', joined);
  assert.deepEqual([joined.data.added, joined.data.group_ids], [2, ['one', 'two', 'three']]);
  const left = await app.json('delgroupids', { person_id: 'q', group_ids: ['one', 'unknown'] });
  checkShape('delgroupids', left);
  assert.deepEqual([left.data.deleted, left.data.group_ids], [1, ['two', 'three']]);
  assert.equal((await app.json('getpersonids', { group_id: 'one' })).code, -1306);
  assert.equal((await app.json('delgroupids', { person_id: 'q', group_ids: ['one'] })).code, -1306);
  assert.equal((await app.json('addgroupids', { person_id: 'nobody', group_ids: ['x'] })).code, -1303);
  assert.equal((await app.json('delgroupids', { person_id: 'nobody', group_ids: ['x'] })).code, -1303);
});

test('mode is 0 or 1, as a number or as text', async () => {
  const image = (await photograph(3)).toString('base64');
  for (const mode of [0, 1, '0', '1']) assert.equal((await app.json('detect', { image, mode })).code, 0);
  for (const mode of [2, -1, 0.5, 'all', true, ''])
    assert.equal((await app.json('detect', { image, mode })).code, 21, `${mode}`);
});
