import { answers } from '../answers.ts';

answers(import.meta, 'faces are found, all or the largest', async (service) => {
  const { face: image } = service.opened.pictures;
  return [await service.call('detect', { image }), await service.call('detect', { image, mode: 1 })];
});
