import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a SecretId that is not registered is refused', async (service, endpoint) => {
  return service.call(endpoint, {}, service.sign({ secretId: 'AKIDnobody' }));
});
