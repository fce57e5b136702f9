import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a signature made with another SecretKey is refused', async (service, endpoint) => {
  const { stranger, key } = service.opened;
  return service.call(endpoint, {}, service.sign({}, { ...key, secretKey: stranger.secretKey }));
});
