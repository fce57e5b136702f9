import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'the person is in none of the groups', async (service) => {
  await register(service);
  await register(service, { person_id: 'q', group_ids: ['h'] });
  return service.call('delgroupids', { ...person, group_ids: ['h', 'unknown'] });
});
