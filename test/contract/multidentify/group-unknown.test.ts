import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'none of the groups is there, or is there any more', async (service) => {
  await register(service);
  const image = service.opened.pictures.face;
  const never = await service.call('multidentify', { group_ids: ['h', 'i'], image });
  await service.read('delperson', person);
  return [never, await service.call('multidentify', { group_id: 'g', image })];
});
