import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'a picture is found to be of the person, or of another', async (service) => {
  await register(service);
  const { face, other } = service.opened.pictures;
  const same = await service.call('verify', { ...person, image: face });
  const stranger = await service.call('verify', { ...person, image: other });
  assert.deepEqual([same.data.ismatch, stranger.data.ismatch], [true, false]);
  return [same, stranger];
});
