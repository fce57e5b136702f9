import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

answers(
  import.meta,
  'there are as many groups as may be, and no person exists afterwards',
  async (service) => {
    await register(service);
    const good = goodRequest('newperson', '', { image: service.opened.pictures.other });
    const refused = [
      await service.call('newperson', { ...good, group_ids: ['g', 'h'] }),
      await service.call('newperson', { ...good, group_ids: ['a', 'b', 'c'] }),
    ];
    assert.equal((await service.call('getinfo', { person_id: 'q' })).code, -1303);
    return refused;
  },
  { settings: { groupsMax: 1 } },
);
