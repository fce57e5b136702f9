import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'a person joins groups, also those that it is in', async (service) => {
  await register(service);
  return service.call('addgroupids', { ...person, group_ids: ['g', 'h'] });
});
