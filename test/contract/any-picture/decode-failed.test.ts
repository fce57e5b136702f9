import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'a JPEG that is cut off is not decoded',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face.slice(0, 1000) }));
  },
  { of: withPictures, prepare: register },
);
