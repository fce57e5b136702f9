import { answers } from '../answers.ts';
import { person } from '../requests.ts';

answers(import.meta, 'names and tags end at 255 characters', async (service) => {
  return [
    await service.call('setinfo', { ...person, person_name: '名'.repeat(256) }),
    await service.call('setinfo', { ...person, tag: 'x'.repeat(256) }),
  ];
});
