import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'there is no such face', async (service) => {
  await register(service);
  return service.call('getfaceinfo', { face_id: '1' });
});
