import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(
  import.meta,
  'there are as many groups as may be, and the person joins none',
  async (service) => {
    await register(service);
    const refused = await service.call('addgroupids', { ...person, group_ids: ['second', 'third'] });
    assert.deepEqual((await service.read('getinfo', person)).group_ids, ['g']);
    return refused;
  },
  { settings: { groupsMax: 2 } },
);
