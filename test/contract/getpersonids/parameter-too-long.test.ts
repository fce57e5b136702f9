import { answers } from '../answers.ts';

answers(import.meta, 'an id ends at 128 bytes of UTF-8', async (service) => {
  return service.call('getpersonids', { group_id: '人'.repeat(43) });
});
