import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'the person has no face left', async (service) => {
  const faceId = await register(service);
  await service.read('delface', { ...person, face_ids: [faceId] });
  return service.call('verify', { ...person, image: service.opened.pictures.face });
});
