import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'name and tag are changed, or nothing', async (service) => {
  await register(service);
  const changed = await service.call('setinfo', { ...person, person_name: '名字', tag: '' });
  return [changed, await service.call('setinfo', person)];
});
