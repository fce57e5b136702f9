import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a call without a signature is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, ' ');
});
