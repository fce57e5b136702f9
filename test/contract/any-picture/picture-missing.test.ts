import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'an empty picture is none',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '', { image: '' }));
  },
  { of: withPictures, prepare: register },
);
