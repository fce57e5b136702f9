import { answers } from '../answers.ts';
import { register } from '../requests.ts';

answers(
  import.meta,
  'more groups are named than there may be',
  async (service) => {
    await register(service);
    return service.call('identify', { group_ids: ['g', 'h', 'i'], image: service.opened.pictures.face });
  },
  { settings: { groupsMax: 2 } },
);
