import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'the persons of a group are listed', async (service) => {
  await register(service);
  return service.call('getpersonids', { group_id: 'g' });
});
