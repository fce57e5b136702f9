import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest } from '../requests.ts';

answers(
  import.meta,
  'a feature that cannot be stored leaves no person behind',
  async (service) => {
    const good = goodRequest('newperson', '', { image: service.opened.pictures.face });
    const refused = await service.call('newperson', good);
    assert.equal((await service.call('getinfo', { person_id: 'q' })).code, -1303);
    assert.equal((await service.call('getgroupids', {})).code, -1307);
    return refused;
  },
  { fault: 'a database without embeddings' },
);
