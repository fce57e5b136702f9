import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'a person is erased', async (service) => {
  await register(service);
  return service.call('delperson', person);
});
