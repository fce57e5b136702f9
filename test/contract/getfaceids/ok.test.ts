import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'the faces of a person are listed, be there none', async (service) => {
  const faceId = await register(service);
  const one = await service.call('getfaceids', person);
  await service.read('delface', { ...person, face_ids: [faceId] });
  return [one, await service.call('getfaceids', person)];
});
