import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'a person leaves groups, the last one too', async (service) => {
  await register(service);
  return service.call('delgroupids', { ...person, group_ids: ['g', 'unknown'] });
});
