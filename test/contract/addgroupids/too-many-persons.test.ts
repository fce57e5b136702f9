import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(
  import.meta,
  'a group is full, and the person joins none',
  async (service) => {
    await register(service);
    await register(service, { person_id: 'q', group_ids: ['full'] });
    const refused = await service.call('addgroupids', { ...person, group_ids: ['new', 'full'] });
    assert.deepEqual((await service.read('getinfo', person)).group_ids, ['g']);
    return refused;
  },
  { settings: { personsPerGroupMax: 1 } },
);
