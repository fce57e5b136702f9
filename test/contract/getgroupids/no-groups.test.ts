import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'there are no groups, or no more', async (service) => {
  const before = await service.call('getgroupids', {});
  await register(service);
  await service.read('delperson', person);
  return [before, await service.call('getgroupids', {})];
});
