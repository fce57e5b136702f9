import { allAnswer } from '../answers.ts';
import { goodRequest, register, withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'what fails over the gender of a face has a code of its own',
  async (service, endpoint) =>
    service.call(endpoint, goodRequest(endpoint, '', { image: service.opened.pictures.face })),
  { of: withPictures, prepare: register, fault: 'a network of gender that fails' },
);
