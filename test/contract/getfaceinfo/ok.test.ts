import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(import.meta, 'what was seen of a face is read', async (service) => {
  const faceId = await register(service);
  return service.call('getfaceinfo', { face_id: faceId });
});
