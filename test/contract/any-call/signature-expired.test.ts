import { allAnswer } from '../answers.ts';

allAnswer(import.meta, 'a signature past its time is refused', async (service, endpoint) => {
  const now = Math.floor(Date.now() / 1000);
  return service.call(endpoint, {}, service.sign({ madeAt: now - 100, expires: now - 1 }));
});
