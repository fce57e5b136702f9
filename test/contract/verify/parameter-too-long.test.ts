import { answers } from '../answers.ts';
import { goodRequest } from '../requests.ts';

answers(import.meta, 'an id ends at 128 bytes of UTF-8', async (service) => {
  const good = goodRequest('verify', '1', { image: service.opened.pictures.face });
  return service.call('verify', { ...good, person_id: '人'.repeat(43) });
});
