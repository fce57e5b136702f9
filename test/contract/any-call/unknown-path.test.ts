import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'its path in capitals is the path of none', async (service, endpoint) => {
  return service.send(endpoint.toUpperCase(), '{}', { authorization: service.sign() });
});
