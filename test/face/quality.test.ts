import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { photograph, startApp, type TestApp } from '../harness.ts';

let lenient: TestApp;
let strict: TestApp;
let clear: Buffer;
let blurred: Buffer;

before(async () => {
  [lenient, strict] = [await startApp(), await startApp({ enrolQualityMin: '50' })];
  const face = sharp(await photograph(6)).extract({ left: 957, top: 165, width: 600, height: 600 });
  clear = await face.clone().jpeg().toBuffer();
  blurred = await face.clone().blur(9).jpeg().toBuffer();
});
after(async () => {
  await lenient[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
});

const qualityOf = (answer: { headers: Headers }) => answer.headers.get('x-face-quality');

test('newperson and addface say in a header how good each face is, and take all unless told otherwise', async () => {
  const made = await lenient.form('newperson', { person_id: 'ada', group_ids: ['a'], image: clear });
  assert.equal(made.code, 0);
  assert.match(qualityOf(made) ?? '', /^\d+$/);
  const nobody = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  const added = await lenient.form('addface', { person_id: 'ada', images: [blurred, nobody] });
  assert.deepEqual(added.data.ret_codes, [0, -1101]);
  assert.match(qualityOf(added) ?? '', /^\d+; blurred, -$/);
  assert.equal(qualityOf(await lenient.json('getinfo', { person_id: 'ada' })), null);
});

test('a face below the least quality is refused with the reason, and nothing of it is kept', async () => {
  const refused = await strict.form('newperson', { person_id: 'ada', group_ids: ['a'], image: blurred });
  assert.equal(refused.code, -1103);
  assert.match(refused.message, /^SDK_FEAT_PROCESSFAILED quality \d+, at least 50: blurred$/);
  assert.match(qualityOf(refused) ?? '', /^\d+; blurred$/);
  assert.equal((await strict.json('getinfo', { person_id: 'ada' })).code, -1303);
  assert.equal((await strict.form('newperson', { person_id: 'ada', group_ids: ['a'], image: clear })).code, 0);
  const added = await strict.form('addface', { person_id: 'ada', images: [blurred] });
  assert.deepEqual(added.data.ret_codes, [-1103]);
  assert.equal((await strict.json('getfaceids', { person_id: 'ada' })).data.face_ids.length, 1);
});
