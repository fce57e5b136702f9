import { allAnswer } from '../answers.ts';

allAnswer(
  import.meta,
  'a key store that fails says so',
  async (service, endpoint) => {
    return service.call(endpoint, {});
  },
  { fault: 'a database without keys' },
);
