import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'the groups are listed', async (service) => {
  await register(service);
  return service.call('getgroupids', {});
});
