import assert from 'node:assert/strict';
import test from 'node:test';
import { EnrolmentRefusal } from '../../src/domain/enrolment.ts';
import type { Quality } from '../../src/domain/face-analyzer.ts';
import { addFaces, listFaces } from '../../src/domain/faces.ts';
import { deletePerson, registerPerson } from '../../src/domain/persons.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { idsOf } from '../store/fixtures.ts';
import { MapStore } from '../store/map-store.ts';
import { isRefused, openContext, picture, registered } from './memory-context.ts';

const shown = (quality: Quality) => ({ cosine: 1, quality });

test('a face of just the least quality is taken, and one of a point less is refused with what is wrong with it', async () => {
  const context = openContext({ qualityMin: 40 });
  await registered(context, 'ada', ['g'], shown({ score: 40, fault: 'dark' }));
  const blurred = registered(context, 'bob', ['g'], shown({ score: 39, fault: 'blurred' }));
  await isRefused(blurred, 'featureFailed', 'quality 39, at least 40: blurred');
  await isRefused(registered(context, 'bob', ['g'], shown({ score: 39 })), 'featureFailed', 'quality 39, at least 40');
  assert.equal(await context.store.findPerson('bob'), undefined);
  const pictures = [0.5, -0.5].map((cosine, i) => picture([{ cosine, quality: { score: 39 + i } }]));
  assert.deepEqual(await addFaces(context, { personId: 'ada', tag: '', pictures }), [
    { refusal: 'featureFailed', faceId: '', quality: { score: 39 } },
    { faceId: idsOf(await listFaces(context, 'ada'))[1], quality: { score: 40 } },
  ]);
});

test('a least quality of 0 takes every face', async () => {
  const context = openContext({ qualityMin: 0 });
  const worst = { score: 0, fault: 'covered' } as const;
  const { quality } = await registerPerson(context, {
    person: { id: 'ada', name: '', tag: '' },
    groupIds: ['g'],
    picture: picture([shown(worst)]),
  });
  assert.deepEqual(quality, worst);
});

test('a refusal after the picture was analysed says how good the face is, and one before it says nothing', async () => {
  const context = openContext({ qualityMin: 40 });
  const qualitiesOf = (work: Promise<unknown>) =>
    work.then(
      () => assert.fail('it is refused'),
      (error: unknown) => (error instanceof EnrolmentRefusal ? error.qualities : 'none'),
    );
  const blurred = { score: 39, fault: 'blurred' } as const;
  assert.deepEqual(await qualitiesOf(registered(context, 'bob', ['g'], shown(blurred))), [blurred]);
  await registered(context, 'ada', ['g'], shown({ score: 90 }));
  assert.deepEqual(await qualitiesOf(registered(context, 'ada', ['g'], shown({ score: 90 }))), 'none');
  const full = { ...context, limits: { ...context.limits, personsPerGroupMax: 1 } };
  const late = await qualitiesOf(registered(full, 'eve', ['g'], shown({ score: 77 })));
  assert.deepEqual(late, [{ score: 77 }]);
});

test('addface to a person who is erased meanwhile says how good each face is, in the order of the pictures', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], shown({ score: 90 }));
  const pictures = [
    picture([{ cosine: 0.5, quality: { score: 70 } }]),
    picture([]),
    picture([{ cosine: 0, quality: { score: 60 } }], () => deletePerson(context, 'ada')),
  ];
  await assert.rejects(addFaces(context, { personId: 'ada', tag: '', pictures }), (error) => {
    assert.ok(error instanceof EnrolmentRefusal);
    assert.deepEqual([error.refusal, error.qualities], ['personUnknown', [{ score: 70 }, undefined, { score: 60 }]]);
    return true;
  });
});

test('a refusal that says how good the face is keeps its cause for the log, and its data for the answer', async () => {
  const [cause, data] = [new Error('the disk is full'), { zero: 0 }];
  const refusal = new Refusal('storageFailed', 'detail', { cause, data });
  const context = openContext();
  const store = Object.assign(new MapStore(), { write: () => Promise.reject(refusal) });
  await assert.rejects(registered({ ...context, store }, 'ada', ['g'], shown({ score: 90 })), (error) => {
    assert.ok(error instanceof EnrolmentRefusal);
    assert.deepEqual([error.refusal, error.detail, error.cause, error.data], ['storageFailed', 'detail', cause, data]);
    return true;
  });
});
