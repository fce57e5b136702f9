import { allAnswer } from '../answers.ts';
import { goodRequest, register } from '../requests.ts';

allAnswer(
  import.meta,
  'a mesh without depth, from which no pose follows, has a code of its own',
  (service, endpoint) => service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face })),
  { of: ['newperson', 'addface', 'detect'], prepare: register, fault: 'a mesher that sees no depth' },
);
