import { answers } from '../answers.ts';

answers(import.meta, 'two pictures are compared', async (service) => {
  const { face, other } = service.opened.pictures;
  return service.call('compare', { imageA: face, imageB: other });
});
