import { answers } from '../answers.ts';
import { person, register } from '../requests.ts';

answers(import.meta, 'those of the faces that are the person’s are erased', async (service) => {
  const faceId = await register(service);
  return service.call('delface', { ...person, face_ids: [faceId, '1'] });
});
