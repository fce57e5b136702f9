import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(
  import.meta,
  'the person whom a face resembles comes first, with a score that tells a stranger',
  async (service) => {
    const faceId = await register(service);
    const { face, other } = service.opened.pictures;
    const known = await service.call('identify', { group_id: 'g', image: face });
    const stranger = await service.call('identify', { group_ids: ['g', 'gone'], image: other });
    const [candidate] = known.data.candidates;
    assert.deepEqual([candidate.person_id, candidate.face_id, candidate.confidence >= 99], ['p', faceId, true]);
    assert.equal(stranger.data.candidates[0].confidence < 75, true);
    return [known, stranger];
  },
);
