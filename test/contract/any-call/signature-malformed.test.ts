import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'what is no signature is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, 'bm90aGluZw==');
});
