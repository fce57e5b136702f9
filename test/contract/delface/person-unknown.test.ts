import { answers } from '../answers.ts';
import { goodRequest } from '../requests.ts';

answers(import.meta, 'nobody has this id', async (service) => {
  return service.call('delface', goodRequest('delface', '1', { image: service.opened.pictures.face }));
});
