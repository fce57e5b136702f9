import { allAnswer } from '../answers.ts';

allAnswer(
  import.meta,
  'a key store that does not answer in time says so',
  async (service, endpoint) => {
    return service.call(endpoint, {});
  },
  { fault: 'keys that never come', settings: { keysTimeoutMs: 20 } },
);
