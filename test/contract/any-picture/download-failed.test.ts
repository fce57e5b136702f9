import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'a url to which nobody listens is not fetched',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '', { url: 'http://127.0.0.1:1/face.jpg' }));
  },
  { of: withPictures, prepare: register },
);
