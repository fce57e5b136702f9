import { answers } from '../answers.ts';
import { person } from '../requests.ts';

answers(import.meta, 'an id ends at 128 bytes of UTF-8', async (service) => {
  return service.call('addgroupids', { ...person, group_ids: ['g', 'x'.repeat(129)] });
});
