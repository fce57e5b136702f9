import assert from 'node:assert/strict';
import { allAnswer } from '../answers.ts';
import { goodRequest } from '../requests.ts';

allAnswer(
  import.meta,
  'a bug is confessed, and nothing of it is told',
  async (service, endpoint) => {
    const reply = await service.call(endpoint, goodRequest(endpoint, '1', { image: service.opened.pictures.face }));
    assert.ok(!/undefined|secret|TypeError/.test(reply.text));
    return reply;
  },
  { fault: 'a bug' },
);
