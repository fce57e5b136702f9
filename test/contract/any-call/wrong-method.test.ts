import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'GET is not taken', async (service, endpoint) => {
  return service.send(endpoint, undefined, {}, 'GET');
});
