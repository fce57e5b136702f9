import { answers } from '../answers.ts';

answers(import.meta, 'contours are traced', async (service) => {
  const { face: image } = service.opened.pictures;
  return [await service.call('shape', { image }), await service.call('shape', { image, mode: 1 })];
});
