import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a bucket that the appid did not declare is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, service.sign({ bucket: 'undeclared' }, service.opened.stranger));
});
