import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a missing parameter is refused', async (service, endpoint) => {
  return service.call(endpoint, { appid: undefined });
});
