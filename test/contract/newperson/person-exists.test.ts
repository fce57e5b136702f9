import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest, person, register } from '../requests.ts';

answers(import.meta, 'a person of this id is there, and stays as it is', async (service) => {
  await register(service, { tag: 'first' });
  const before = await service.read('getinfo', person);
  const good = goodRequest('newperson', '', { image: service.opened.pictures.other });
  const again = await service.call('newperson', { ...good, ...person, group_ids: ['h'], tag: 'second' });
  const after = await service.read('getinfo', person);
  assert.deepEqual({ ...after, session_id: '' }, { ...before, session_id: '' });
  return again;
});
