import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'a landmark network that throws has a code of its own',
  (service, endpoint) => service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face })),
  { of: withPictures, prepare: register, fault: 'a mesher that throws after detection' },
);
