import assert from 'node:assert/strict';
import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(
  import.meta,
  'one picture too many has the code, and a call of too many has it as a whole',
  async (service) => {
    await register(service);
    const { face, other } = service.opened.pictures;
    const whole = await service.call('addface', { ...person, images: [face, face, face] });
    assert.equal(whole.code, -1309);
    const { data } = await service.call('addface', { ...person, images: [other] });
    assert.deepEqual(data.ret_codes, [0]);
    const single = await service.call('addface', { ...person, images: [service.opened.pictures.third] });
    return [whole, single];
  },
  { settings: { facesPerPersonMax: 2 } },
);
