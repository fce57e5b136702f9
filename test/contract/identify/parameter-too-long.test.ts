import { answers } from '../answers.ts';

answers(import.meta, 'the id of a group ends at 128 bytes of UTF-8', async (service) => {
  const image = service.opened.pictures.face;
  const long = '组'.repeat(43);
  return [
    await service.call('identify', { group_id: long, image }),
    await service.call('identify', { group_ids: ['g', long], image }),
  ];
});
