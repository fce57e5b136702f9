import { allAnswer } from '../answers.ts';

allAnswer(
  import.meta,
  'a signature for one call is refused at the second, whatever became of the first',
  async (service, endpoint) => {
    const once = service.sign({ expires: 0, file: endpoint });
    await service.send(endpoint, '[', { authorization: once });
    return service.call(endpoint, {}, once);
  },
);
