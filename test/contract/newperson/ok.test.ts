import { answers } from '../answers.ts';

answers(import.meta, 'a person is registered from the largest face of a picture', async (service) => {
  const { face: image } = service.opened.pictures;
  return service.call('newperson', {
    person_id: 'p',
    group_ids: ['g', 'h', 'g'],
    person_name: '名字',
    tag: 't',
    image,
  });
});
