import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a parameter of the wrong type is refused', async (service, endpoint) => {
  return service.call(endpoint, { appid: true });
});
