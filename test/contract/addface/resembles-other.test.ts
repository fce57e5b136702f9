import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { goodRequest, person, register } from '../requests.ts';

answers(
  import.meta,
  'the only picture shows another person; beside one that does not it is that picture’s code',
  async (service) => {
    const { face, other } = service.opened.pictures;
    await register(service);
    await service.read('newperson', goodRequest('newperson', '', { image: other }));
    const both = await service.call('addface', { ...person, images: [other, face] });
    assert.deepEqual([both.data.ret_codes, both.data.face_ids[0]], [[-1313, -1312], '']);
    return service.call('addface', { ...person, images: [other] });
  },
  { limits: { resembling: 'refuse' } },
);
