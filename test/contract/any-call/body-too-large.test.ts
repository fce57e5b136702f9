import { allAnswer } from '../answers.ts';

allAnswer(
  import.meta,
  'a body over the limit is refused',
  async (service, endpoint) => {
    return service.call(endpoint, { tag: 'x'.repeat(1024) });
  },
  { settings: { bodyBytesMax: 1024 } },
);
