import { answers } from '../answers.ts';

answers(import.meta, 'an id ends at 128 bytes of UTF-8', async (service) => {
  return service.call('delface', { person_id: 'p', face_ids: ['人'.repeat(43)] });
});
