import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'a face is added', async (service) => {
  await register(service);
  return service.call('addface', { ...person, tag: 't', images: [service.opened.pictures.other] });
});
