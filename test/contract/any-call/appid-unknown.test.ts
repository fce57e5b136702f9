import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'an appid that is not registered is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, service.sign({ appid: '1' }));
});
