import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

answers(
  import.meta,
  'the group is full, and no person exists afterwards',
  async (service) => {
    await register(service);
    const refused = await service.call(
      'newperson',
      goodRequest('newperson', '', { image: service.opened.pictures.other }),
    );
    assert.equal((await service.call('getinfo', { person_id: 'q' })).code, -1303);
    return refused;
  },
  { settings: { personsPerGroupMax: 1 } },
);
