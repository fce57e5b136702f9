import { answers } from '../answers.ts';
import { goodRequest } from '../requests.ts';

answers(import.meta, 'nobody has this id', async (service) => {
  return service.call('delgroupids', goodRequest('delgroupids', '1', { image: service.opened.pictures.face }));
});
