import assert from 'node:assert/strict';
import test from 'node:test';
import { addFaces, deleteFaces } from '../../src/domain/faces.ts';
import { deletePerson } from '../../src/domain/persons.ts';
import { verify } from '../../src/domain/recognition.ts';
import { isRefused, openContext, picture, registered, unasked } from './memory-context.ts';

test('a person is verified by the faces that it has when the picture has been looked at', async () => {
  const context = openContext();
  const old = await registered(context, 'ada', ['g'], { cosine: 0 });
  const replace = async () => {
    await deleteFaces(context, 'ada', [old]);
    await addFaces(context, { personId: 'ada', tag: '', pictures: [picture([{ cosine: 0.8 }])] });
  };
  assert.deepEqual(await verify(context, 'ada', picture([{ cosine: 1 }], replace)), {
    score: 80,
    samePicture: false,
    faceId: 'face-2',
  });
});

test('a person erased while the picture is looked at is unknown, and never verified by faces that are gone', async () => {
  const context = openContext();
  const faceId = await registered(context, 'ada', ['g'], { cosine: 1 });
  const faceless = picture([{ cosine: 1 }], () => deleteFaces(context, 'ada', [faceId]));
  await isRefused(verify(context, 'ada', faceless), 'faceUnknown', 'ada');
  await addFaces(context, { personId: 'ada', tag: '', pictures: [picture([{ cosine: 1 }])] });
  const orphaned = picture([{ cosine: 1 }], () => deletePerson(context, 'ada'));
  await isRefused(verify(context, 'ada', orphaned), 'personUnknown', 'ada');
});

test('a person who is not there is unknown before the picture is asked for', async () => {
  await isRefused(verify(openContext(), 'ada', unasked), 'personUnknown', 'ada');
});

test('a person whose faces another model described has none to be verified by', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const later = { ...context, analyzer: { ...context.analyzer, model: 'later' } };
  await isRefused(verify(later, 'ada', picture([{ cosine: 1 }])), 'faceUnknown', 'ada');
  await isRefused(verify(context, 'ada', picture([])), 'noFace');
});
