import assert from 'node:assert/strict';
import test from 'node:test';
import { addFaces, eraseFaces, listFaces, lookUpFace } from '../../src/domain/faces.ts';
import { erase } from '../../src/domain/persons.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { limits } from '../store/fixtures.ts';
import { attributes, boxOf, failing, isRefused, openDesk, picture, registered, unasked } from './desk.ts';

test('each picture has an answer of its own, in the order of the pictures', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const pictures = [
    picture([{ cosine: 0.5, width: 200 }, { cosine: 0 }]),
    failing(new Refusal('decodeFailed')),
    picture([]),
    picture([{ cosine: -0.5 }]),
  ];
  assert.deepEqual(await addFaces(desk, { personId: 'ada', tag: 'later', pictures }), [
    { faceId: 'face-2' },
    { refusal: 'decodeFailed', faceId: '' },
    { refusal: 'noFace', faceId: '' },
    { faceId: 'face-3' },
  ]);
  assert.deepEqual(await listFaces(desk, 'ada'), ['face-1', 'face-2', 'face-3']);
  assert.deepEqual(await lookUpFace(desk, 'face-2'), {
    id: 'face-2',
    personId: 'ada',
    tag: 'later',
    box: boxOf({ cosine: 0.5, width: 200 }),
    attributes,
  });
});

test('almost the same face, from a similarity of 99 on, is answered with the face that is there already', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  await registered(desk, 'bob', ['g'], { cosine: 0 });
  const add = (...cosines: number[]) =>
    addFaces(desk, { personId: 'ada', tag: '', pictures: cosines.map((cosine) => picture([{ cosine }])) });
  assert.deepEqual(await add(0.99), [{ refusal: 'sameFace', faceId: 'face-1' }]);
  const [below] = await add(0.9899);
  assert.ok(below !== undefined && !('refusal' in below));
  await eraseFaces(desk, 'ada', [below.faceId]);
  const [first, second] = await add(0, 0);
  assert.ok(first !== undefined && !('refusal' in first), "another person's face is no hindrance");
  assert.deepEqual(second, { refusal: 'sameFace', faceId: first.faceId }, 'nor need the face be an old one');
});

test('nobody gets a face: a person erased while the pictures are looked at is unknown', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const pictures = [picture([{ cosine: 0.5 }], () => erase(desk, 'ada'))];
  await isRefused(addFaces(desk, { personId: 'ada', tag: '', pictures }), 'personUnknown', 'ada');
  assert.equal(await desk.store.findPerson('ada'), undefined);
  assert.deepEqual(await desk.store.facesOf('ada'), []);
});

test('what can be refused without the pictures is refused before they are asked for', async () => {
  const desk = openDesk({ limits: { ...limits, facesPerPersonMax: 2 } });
  await isRefused(addFaces(desk, { personId: 'nobody', tag: '', pictures: [unasked] }), 'personUnknown', 'nobody');
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const pictures = [unasked, unasked, unasked];
  await isRefused(addFaces(desk, { personId: 'ada', tag: '', pictures }), 'tooManyFaces');
});

test('faces are added while there is room, and each one beyond has its refusal', async () => {
  const desk = openDesk({ limits: { ...limits, facesPerPersonMax: 2 } });
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const pictures = [0.5, -0.5].map((cosine) => picture([{ cosine }]));
  assert.deepEqual(await addFaces(desk, { personId: 'ada', tag: '', pictures }), [
    { faceId: 'face-2' },
    { refusal: 'tooManyFaces', faceId: '' },
  ]);
  const again = await addFaces(desk, { personId: 'ada', tag: '', pictures: [picture([{ cosine: -0.5 }])] });
  assert.deepEqual(again, [{ refusal: 'tooManyFaces', faceId: '' }], 'a face that was refused is no twin');
});

test('a picture that may be taken a moment later, or that nobody foresaw, ends the whole call and adds nothing', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const add = (error: Error) =>
    addFaces(desk, { personId: 'ada', tag: '', pictures: [picture([{ cosine: 0.5 }]), failing(error)] });
  await isRefused(add(new Refusal('tooManyRequests')), 'tooManyRequests');
  await isRefused(add(new Refusal('internal')), 'internal');
  await assert.rejects(add(new Error('a bug')), /a bug/);
  assert.deepEqual(await listFaces(desk, 'ada'), ['face-1']);
});

test('of the faces named those of the person are erased, each once, in the order asked for', async () => {
  const desk = openDesk();
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const theirs = await registered(desk, 'bob', ['g'], { cosine: 1 });
  const pictures = [0.5, -0.5].map((cosine) => picture([{ cosine }]));
  await addFaces(desk, { personId: 'ada', tag: '', pictures });
  const asked = ['face-4', theirs, 'nothing', 'face-1', 'face-4'];
  assert.deepEqual(await eraseFaces(desk, 'ada', asked), ['face-4', 'face-1']);
  assert.deepEqual(await listFaces(desk, 'ada'), ['face-3']);
  assert.deepEqual(await listFaces(desk, 'bob'), [theirs]);
  await isRefused(eraseFaces(desk, 'ada', [theirs, 'face-1']), 'faceUnknown');
});

test('a face and a person that are not there are unknown', async () => {
  const desk = openDesk();
  await isRefused(lookUpFace(desk, 'face-1'), 'faceUnknown', 'face-1');
  await isRefused(listFaces(desk, 'nobody'), 'personUnknown', 'nobody');
  await isRefused(eraseFaces(desk, 'nobody', ['face-1']), 'personUnknown', 'nobody');
});
