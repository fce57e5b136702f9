import assert from 'node:assert/strict';
import test from 'node:test';
import type { Quality } from '../../src/domain/face-analyzer.ts';
import { addFaces, listFaces } from '../../src/domain/faces.ts';
import { isRefused, openDesk, picture, registered } from './desk.ts';

const shown = (quality: Quality) => ({ cosine: 1, quality });

test('a face of just the least quality is taken, and one of a point less is refused with what is wrong with it', async () => {
  const context = openDesk({ qualityMin: 40 });
  await registered(context, 'ada', ['g'], shown({ score: 40, fault: 'dark' }));
  const blurred = registered(context, 'bob', ['g'], shown({ score: 39, fault: 'blurred' }));
  await isRefused(blurred, 'featureFailed', 'quality 39, at least 40: blurred');
  await isRefused(registered(context, 'bob', ['g'], shown({ score: 39 })), 'featureFailed', 'quality 39, at least 40');
  assert.equal(await context.store.findPerson('bob'), undefined);
  const pictures = [0.5, -0.5].map((cosine, i) => picture([{ cosine, quality: { score: 39 + i } }]));
  assert.deepEqual(await addFaces(context, { personId: 'ada', tag: '', pictures }), [
    { refusal: 'featureFailed', faceId: '' },
    { faceId: (await listFaces(context, 'ada'))[1] },
  ]);
});

test('a least quality of 0 takes every face', async () => {
  const context = openDesk({ qualityMin: 0 });
  await registered(context, 'ada', ['g'], shown({ score: 0, fault: 'covered' }));
  assert.deepEqual(context.qualities[0]?.quality, { score: 0, fault: 'covered' });
});
