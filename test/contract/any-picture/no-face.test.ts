import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'a picture of a wall shows no face',
  async (service, endpoint) => {
    return service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.wall }));
  },
  { of: withPictures, prepare: register },
);
