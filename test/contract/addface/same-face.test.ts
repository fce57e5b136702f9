import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'almost the same face is there, or comes twice', async (service) => {
  const faceId = await register(service);
  const { face, other } = service.opened.pictures;
  const known = await service.call('addface', { ...person, images: [face] });
  assert.deepEqual(known.data.face_ids, [faceId]);
  const twice = await service.call('addface', { ...person, images: [other, other] });
  assert.deepEqual(twice.data.ret_codes, [0, -1312]);
  assert.equal(twice.data.face_ids[0], twice.data.face_ids[1]);
  return known;
});
