/** While the index is full nothing is enrolled, since it might not be found; everything else is done. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { addFaces, deleteFaces } from '../../src/domain/faces.ts';
import { joinGroups, leaveGroups } from '../../src/domain/groups.ts';
import { deletePerson, registerPerson, updatePerson } from '../../src/domain/persons.ts';
import { idsOf, person } from '../store/fixtures.ts';
import { isRefused, openContext, picture, registered, unasked } from './memory-context.ts';

/** A context with one person in the registry, whose index is full since. */
async function openFull() {
  const context = openContext();
  const faceId = await registered(context, 'ada', ['g', 'h'], { cosine: 1 });
  return { faceId, context: { ...context, gallery: { ...context.gallery, isFull: true } } };
}

test('while the index is full nobody is enrolled, no picture is asked for, and nothing is written', async () => {
  const { context, faceId } = await openFull();
  const refused = ['storageFailed', 'the index is full'] as const;
  await isRefused(registerPerson(context, { person: person('bob'), groupIds: ['g'], picture: unasked }), ...refused);
  await isRefused(addFaces(context, { personId: 'ada', tag: '', pictures: [unasked] }), ...refused);
  await isRefused(joinGroups(context, 'ada', ['new']), ...refused);
  const { store } = context;
  assert.equal(await store.findPerson('bob'), undefined);
  assert.deepEqual([idsOf(await store.facesOf('ada')), idsOf(await store.groupsOf('ada'))], [[faceId], ['g', 'h']]);
});

test('what is wrong with a call is told before that the index is full', async () => {
  const { context } = await openFull();
  await isRefused(
    registerPerson(context, { person: person('ada'), groupIds: [], picture: unasked }),
    'personExists',
    'ada',
  );
  await isRefused(addFaces(context, { personId: 'bob', tag: '', pictures: [] }), 'personUnknown', 'bob');
  await isRefused(joinGroups(context, 'bob', ['g']), 'personUnknown', 'bob');
});

test('while the index is full people are changed, leave groups and are erased', async () => {
  const { context, faceId } = await openFull();
  await updatePerson(context, 'ada', { name: 'Ada' });
  assert.deepEqual(idsOf((await leaveGroups(context, 'ada', ['h'])).groupIds), ['g']);
  assert.deepEqual(await deleteFaces(context, 'ada', [faceId]), [faceId]);
  await deletePerson(context, 'ada');
  assert.equal(await context.store.findPerson('ada'), undefined);
  const room = { ...context, gallery: { ...context.gallery, isFull: false } };
  await registerPerson(room, { person: person('ada'), groupIds: ['g'], picture: picture([{ cosine: 1 }]) });
});
