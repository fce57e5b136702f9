import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a body that is no JSON object is none', async (service, endpoint) => {
  return service.send(endpoint, '[', { authorization: service.sign() });
});
