import { allAnswer } from '../answers.ts';
import { all, goodRequest } from '../requests.ts';

/** These endpoints look at pictures and at nothing that is kept. */
const registerless: readonly string[] = ['detect', 'shape', 'compare'];

allAnswer(
  import.meta,
  'a register that fails says so',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '1', { image: service.opened.pictures.face }));
  },
  {
    of: all.filter((name) => !registerless.includes(name)),
    fault: 'a database without persons',
  },
);
