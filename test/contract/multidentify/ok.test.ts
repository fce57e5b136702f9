import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'each face comes with the persons whom it resembles', async (service) => {
  const faceId = await register(service);
  const { face, other } = service.opened.pictures;
  const known = await service.call('multidentify', { group_id: 'g', image: face });
  const stranger = await service.call('multidentify', { group_ids: ['g', 'gone'], image: other });
  const [{ candidates }] = known.data.results;
  assert.deepEqual(
    [candidates[0].person_id, candidates[0].face_id, candidates[0].confidence >= 99],
    ['p', faceId, true],
  );
  assert.equal(stranger.data.results[0].candidates[0].confidence < 75, true);
  return [known, stranger];
});
