import { allAnswer } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

allAnswer(
  import.meta,
  'an embedding network that throws has a code of its own',
  (service, endpoint) => service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face })),
  {
    of: ['newperson', 'addface', 'compare', 'verify', 'identify', 'multidentify'],
    prepare: register,
    fault: 'a recogniser that throws',
  },
);
