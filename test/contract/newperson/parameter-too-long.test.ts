import { answers } from '../answers.ts';
import { goodRequest } from '../requests.ts';

answers(import.meta, 'ids end at 128 bytes, names and tags at 255 characters', async (service) => {
  const good = goodRequest('newperson', '', { image: service.opened.pictures.face });
  return [
    await service.call('newperson', { ...good, person_id: 'x'.repeat(129) }),
    await service.call('newperson', { ...good, group_ids: ['g', 'x'.repeat(129)] }),
    await service.call('newperson', { ...good, person_name: '名'.repeat(256) }),
    await service.call('newperson', { ...good, tag: '𠮷'.repeat(256) }),
  ];
});
