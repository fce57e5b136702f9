import assert from 'node:assert/strict';
import test from 'node:test';
import { addFaces } from '../../src/domain/faces.ts';
import { registerPerson } from '../../src/domain/persons.ts';
import { idsOf } from '../store/fixtures.ts';
import { isRefused, openContext, picture, registered } from './memory-context.ts';

const warn = { isRefused: false, leastScore: 92 };
const refuse = { isRefused: true, leastScore: 92 };
const bob = (cosine: number) => ({
  person: { id: 'bob', name: '', tag: '' },
  groupIds: ['h'],
  picture: picture([{ cosine }]),
});

test('a new person whose face is like another one is registered, and that is told with the score', async () => {
  const context = openContext({ resembling: warn });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  assert.deepEqual(context.told, [[undefined]], 'nobody was there');
  await registerPerson(context, bob(0.95));
  assert.deepEqual(context.told[1], [{ score: 95, samePicture: false }]);
  await registerPerson(context, { ...bob(0.1), person: { id: 'eve', name: '', tag: '' } });
  assert.deepEqual(context.told[2], [undefined]);
});

test('where nobody wants to know, nobody is searched', async () => {
  const gallery = { nearest: () => assert.fail('the gallery was searched') };
  const context = openContext({ gallery });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await registerPerson(context, bob(1));
  assert.deepEqual(context.told, [[undefined], [undefined]]);
});

test('a face that is another person’s is refused where that is wanted, and its score is told nevertheless', async () => {
  const context = openContext({ resembling: refuse });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await isRefused(registerPerson(context, bob(0.95)), 'resemblesOther');
  assert.equal(context.told.at(-1)?.[0]?.score, 95);
  assert.equal(await context.store.findPerson('bob'), undefined);
});

test('a face that is like its own person is taken; of several pictures those of others are refused', async () => {
  const context = openContext({ resembling: refuse });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await registered(context, 'bob', ['g'], { cosine: 0 });
  const pictures = [picture([{ cosine: 0.95 }]), picture([]), picture([{ cosine: 0.1 }]), picture([{ cosine: -0.9 }])];
  const added = await addFaces(context, { personId: 'ada', tag: '', pictures });
  assert.deepEqual(
    added.map((one) => ('refusal' in one ? one.refusal : 'added')),
    ['added', 'noFace', 'resemblesOther', 'added'],
  );
  assert.equal(context.told.at(-1)?.filter((likeness) => likeness !== undefined).length, 1);
  assert.equal(idsOf((await context.store.facesOf('ada'))!).length, 3);
});
