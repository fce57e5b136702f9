import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a SecretId of another appid is refused', async (service, endpoint) => {
  const { stranger, key } = service.opened;
  return service.call(endpoint, {}, service.sign({ appid: key.appid }, stranger));
});
