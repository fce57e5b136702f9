import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'there is no such group', async (service) => {
  await register(service);
  return service.call('getpersonids', { group_id: 'h' });
});
