import { allAnswer } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

allAnswer(
  import.meta,
  'an age that is no number has a code of its own',
  (service, endpoint) => service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face })),
  { of: ['newperson', 'addface', 'detect'], prepare: register, fault: 'an ager that knows no age' },
);
