import assert from 'node:assert/strict';
import test from 'node:test';
import { type AddedFace, addFaces, deleteFaces, getFace, listFaces } from '../../src/domain/faces.ts';
import { deletePerson } from '../../src/domain/persons.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { idsOf, limits } from '../store/fixtures.ts';
import { attributes, boxOf, failing, isRefused, openContext, picture, registered, unasked } from './memory-context.ts';

/** What came of each picture, its quality left out. */
function outcomes(added: readonly AddedFace[]): readonly object[] {
  return added.map(({ quality: _, ...outcome }) => outcome);
}

test('each picture has an answer of its own, in the order of the pictures', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const pictures = [
    picture([{ cosine: 0.5, width: 200 }, { cosine: 0 }]),
    failing(new Refusal('decodeFailed')),
    picture([]),
    picture([{ cosine: -0.5 }]),
  ];
  assert.deepEqual(outcomes(await addFaces(context, { personId: 'ada', tag: 'later', pictures })), [
    { faceId: 'face-2' },
    { refusal: 'decodeFailed', faceId: '' },
    { refusal: 'noFace', faceId: '' },
    { faceId: 'face-3' },
  ]);
  assert.deepEqual(idsOf(await listFaces(context, 'ada')), ['face-1', 'face-2', 'face-3']);
  assert.deepEqual(await getFace(context, 'face-2'), {
    id: 'face-2',
    personId: 'ada',
    tag: 'later',
    box: boxOf({ cosine: 0.5, width: 200 }),
    attributes,
  });
});

test('almost the same picture of a face is answered with the face that is there already', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  await registered(context, 'bob', ['g'], { cosine: 0 });
  const add = (...cosines: number[]) =>
    addFaces(context, { personId: 'ada', tag: '', pictures: cosines.map((cosine) => picture([{ cosine }])) });
  assert.deepEqual(outcomes(await add(0.99)), [{ refusal: 'sameFace', faceId: 'face-1' }]);
  const [below] = await add(0.9899);
  assert.ok(below !== undefined && !('refusal' in below));
  await deleteFaces(context, 'ada', [below.faceId]);
  const [first, second] = await add(0, 0);
  assert.ok(first !== undefined && !('refusal' in first), "another person's face is no hindrance");
  assert.deepEqual(
    outcomes([second!]),
    [{ refusal: 'sameFace', faceId: first.faceId }],
    'nor need the face be an old one',
  );
});

test('nobody gets a face: a person erased while the pictures are looked at is unknown', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const pictures = [picture([{ cosine: 0.5 }], () => deletePerson(context, 'ada'))];
  await isRefused(addFaces(context, { personId: 'ada', tag: '', pictures }), 'personUnknown', 'ada');
  assert.equal(await context.store.findPerson('ada'), undefined);
  assert.equal(await context.store.facesOf('ada'), undefined);
});

test('what can be refused without the pictures is refused before they are asked for', async () => {
  const context = openContext({ limits: { ...limits, facesPerPersonMax: 2 } });
  await isRefused(addFaces(context, { personId: 'nobody', tag: '', pictures: [unasked] }), 'personUnknown', 'nobody');
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const pictures = [unasked, unasked, unasked];
  await isRefused(addFaces(context, { personId: 'ada', tag: '', pictures }), 'tooManyFaces');
});

test('faces are added while there is room, and each one beyond has its refusal', async () => {
  const context = openContext({ limits: { ...limits, facesPerPersonMax: 2 } });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const pictures = [0.5, -0.5].map((cosine) => picture([{ cosine }]));
  assert.deepEqual(outcomes(await addFaces(context, { personId: 'ada', tag: '', pictures })), [
    { faceId: 'face-2' },
    { refusal: 'tooManyFaces', faceId: '' },
  ]);
  const again = await addFaces(context, { personId: 'ada', tag: '', pictures: [picture([{ cosine: -0.5 }])] });
  assert.deepEqual(outcomes(again), [{ refusal: 'tooManyFaces', faceId: '' }], 'a face that was refused is no twin');
});

test('a picture that may be taken a moment later, or that nobody foresaw, ends the whole call and adds nothing', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const add = (error: Error) =>
    addFaces(context, { personId: 'ada', tag: '', pictures: [picture([{ cosine: 0.5 }]), failing(error)] });
  await isRefused(add(new Refusal('tooManyRequests')), 'tooManyRequests');
  await isRefused(add(new Refusal('internal')), 'internal');
  await assert.rejects(add(new Error('a bug')), /a bug/);
  assert.deepEqual(idsOf(await listFaces(context, 'ada')), ['face-1']);
});

test('of the faces named those of the person are erased, each once, in the order asked for', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const theirs = await registered(context, 'bob', ['g'], { cosine: 1 });
  const pictures = [0.5, -0.5].map((cosine) => picture([{ cosine }]));
  await addFaces(context, { personId: 'ada', tag: '', pictures });
  const asked = ['face-4', theirs, 'nothing', 'face-1', 'face-4'];
  assert.deepEqual(await deleteFaces(context, 'ada', asked), ['face-4', 'face-1']);
  assert.deepEqual(idsOf(await listFaces(context, 'ada')), ['face-3']);
  assert.deepEqual(idsOf(await listFaces(context, 'bob')), [theirs]);
  await isRefused(deleteFaces(context, 'ada', [theirs, 'face-1']), 'faceUnknown');
});

test('a face and a person that are not there are unknown', async () => {
  const context = openContext();
  await isRefused(getFace(context, 'face-1'), 'faceUnknown', 'face-1');
  await isRefused(listFaces(context, 'nobody'), 'personUnknown', 'nobody');
  await isRefused(deleteFaces(context, 'nobody', ['face-1']), 'personUnknown', 'nobody');
});
