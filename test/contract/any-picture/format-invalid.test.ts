import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'a text is no picture',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '', { image: btoa('a text') }));
  },
  { of: withPictures, prepare: register },
);
