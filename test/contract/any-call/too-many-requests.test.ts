import { allAnswer } from '../answers.ts';

allAnswer(
  import.meta,
  'an appid over its rate is refused',
  async (service, endpoint) => {
    for (;;) {
      const reply = await service.call(endpoint, { appid: undefined });
      if (reply.code !== -1301) return reply;
    }
  },
  { settings: { callsPerSecondMax: 1 } },
);
