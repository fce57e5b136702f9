import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

answers(
  import.meta,
  'the face is another person’s, and nobody is registered; one who is like nobody is',
  async (service) => {
    const { face, other } = service.opened.pictures;
    await register(service);
    const refused = await service.call('newperson', goodRequest('newperson', '', { image: face }));
    assert.equal((await service.call('getinfo', { person_id: 'q' })).code, -1303);
    await service.read('newperson', goodRequest('newperson', '', { image: other }));
    return refused;
  },
  { limits: { resembling: 'refuse' } },
);
