import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a key that is confined to other endpoints is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, service.sign({}, service.opened.confined));
});
