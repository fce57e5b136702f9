import assert from 'node:assert/strict';
import { allAnswer } from '../answers.ts';
import { withPictures } from '../requests.ts';

allAnswer(
  import.meta,
  'while the networks load, what needs them is told to come back, and what does not is answered',
  async (service, endpoint) => {
    assert.equal((await service.call('getgroupids', {})).code, -1307);
    const known = { group_ids: ['g'], group_id: 'g', person_id: 'p' };
    const picture = service.opened.pictures.face;
    return service.call(endpoint, { ...known, image: picture, images: [picture], imageA: picture, imageB: picture });
  },
  {
    fault: 'networks that are loading',
    of: withPictures.filter((name) => ['newperson', 'detect', 'shape', 'compare'].includes(name)),
  },
);
