import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'none of the faces is the person’s', async (service) => {
  const faceId = await register(service);
  await register(service, { person_id: 'q' });
  const { face_ids } = await service.read('getfaceids', { person_id: 'q' });
  const refused = await service.call('delface', { ...person, face_ids: ['1', ...face_ids] });
  assert.deepEqual((await service.read('getfaceids', person)).face_ids, [faceId]);
  return refused;
});
