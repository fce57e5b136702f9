import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a body for another appid than the signed one is refused', async (service, endpoint) => {
  return service.call(endpoint, { appid: service.opened.stranger.appid });
});
