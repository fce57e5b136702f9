/** Which of the pictures that are added are copies: what embeddings leave open, crops decide. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { RequestContext } from '../../src/domain/context.ts';
import { addFaces, deleteFaces } from '../../src/domain/faces.ts';
import { deletePerson } from '../../src/domain/persons.ts';
import { compare, identify, verify } from '../../src/domain/recognition.ts';
import type { Store } from '../../src/domain/stores.ts';
import { person } from '../store/fixtures.ts';
import { crop, isRefused, openContext, picture, registered } from './memory-context.ts';

const face = { cosine: 1 };
/** The same picture as far as embeddings tell: its score is 99 and more. */
const alike = { cosine: 0.995 };

/** A context whose crops agree or not, and what was asked of them. */
function judging(judge: (asked: number) => Promise<boolean> | boolean) {
  const context = openContext();
  const asked: number[] = [];
  const areCopies: RequestContext['analyzer']['areCopies'] = async (_, others, { untilFirst } = {}) => {
    asked.push(others.length);
    const verdict = await judge(asked.length);
    return others.slice(0, untilFirst && verdict ? 1 : others.length).map(() => verdict);
  };
  return { context: { ...context, analyzer: { ...context.analyzer, areCopies } }, asked };
}

/** The context of another call, for which no crops agree. */
const agreeingWithNone = (context: RequestContext): RequestContext => ({
  ...context,
  analyzer: { ...context.analyzer, areCopies: async (_, others) => others.map(() => false) },
});

const add = async (context: RequestContext, ...shown: (typeof face)[]) => {
  const added = await addFaces(context, { personId: 'ada', tag: '', pictures: shown.map((one) => picture([one])) });
  return added.map((one) => ('refusal' in one ? one.refusal : one.faceId));
};

test('another photograph of the same minute is added, however alike the embeddings are', async () => {
  const { context, asked } = judging(() => false);
  await registered(context, 'ada', ['g'], face);
  assert.deepEqual(await add(context, alike, alike), ['face-2', 'face-3']);
  assert.deepEqual(asked, [1, 2], 'each with all the faces before it, in one turn');
});

test('a copy is refused, of a stored face and of a picture of the same call alike', async () => {
  const { context } = judging(() => true);
  await registered(context, 'ada', ['g'], { cosine: 0 });
  assert.deepEqual(await add(context, face, alike), ['face-2', 'sameFace']);
  assert.deepEqual(await add(context, alike), ['sameFace']);
});

test('one photograph sent many times is compared once each time', async () => {
  const { context, asked } = judging(() => true);
  await registered(context, 'ada', ['g'], { cosine: 0 });
  const sent = Array.from({ length: 10 }, () => face);
  assert.deepEqual(await add(context, ...sent), ['face-2', ...Array.from({ length: 9 }, () => 'sameFace')]);
  assert.equal(asked.length, 9);
  assert.deepEqual(
    await add(context, ...sent),
    Array.from({ length: 10 }, () => 'sameFace'),
  );
  assert.equal(asked.length, 19);
});

test('a copy of one face is not compared with the next', async () => {
  const { context, asked } = judging((asked) => asked > 1);
  await registered(context, 'ada', ['g'], face);
  assert.deepEqual(await add(context, alike), ['face-2']);
  assert.deepEqual(await add(context, face), ['sameFace']);
  assert.deepEqual(asked, [1, 2]);
});

test('crops are not compared where embeddings rule a copy out', async () => {
  const { context, asked } = judging(() => true);
  await registered(context, 'ada', ['g'], face);
  assert.deepEqual(await add(context, { cosine: 0.98 }), ['face-2']);
  assert.deepEqual(asked, []);
});

test('a face that another call adds meanwhile is compared, too, before the picture is stored', async () => {
  const { context, asked } = judging(async (asked) => {
    if (asked === 1) assert.deepEqual(await add(calling, alike), ['face-3']);
    return asked > 1;
  });
  const calling = agreeingWithNone(context);
  await registered(context, 'ada', ['g'], face);
  assert.deepEqual(await add(context, face), ['sameFace']);
  assert.deepEqual(asked, [1, 1]);
});

test('whoever adds faces without end does not make another call wait for ever', async () => {
  const context = openContext();
  await registered(context, 'ada', ['g'], face);
  let faces = 0;
  const endless = new Proxy(context.store, {
    get(store, name: keyof Store) {
      if (name === 'embeddingsOf')
        return async () => [{ faceId: `endless-${++faces}`, embedding: Float32Array.of(1, 0) }];
      return store[name].bind(store);
    },
  });
  const adding = add({ ...context, store: endless }, face);
  await isRefused(adding, 'tooManyRequests', 'others are adding faces to the person');
  assert.equal(faces, context.limits.facesPerPersonMax + 1);
});

test('a face or a person that is erased while crops are compared leaves no copy behind', async () => {
  const { context } = judging(async () => {
    await deleteFaces(context, 'ada', ['face-1']);
    return true;
  });
  await registered(context, 'ada', ['g'], face);
  assert.deepEqual(await add(context, face), ['face-2']);

  const other = judging(async () => {
    await deletePerson(other.context, 'ada');
    return true;
  });
  await registered(other.context, 'ada', ['g'], face);
  await isRefused(add(other.context, face), 'personUnknown', 'ada');
});

test('compare, verify and identify tell a copy by its crop, and only where it may be one', async () => {
  for (const verdict of [true, false]) {
    const { context, asked } = judging(() => verdict);
    await registered(context, 'ada', ['g'], face);
    await registered(context, 'bob', ['g'], { cosine: 0.5 });
    const same = await compare(context, picture([face]), picture([alike]));
    const verified = await verify(context, 'ada', picture([face]));
    const [identified] = await identify(context, picture([face]), ['g'], 'all');
    assert.deepEqual(
      [same, verified, ...identified!.candidates.map(({ likeness }) => likeness)].map((likeness) =>
        'refusal' in likeness ? likeness : likeness.samePicture,
      ),
      [verdict, verdict, verdict, false],
    );
    assert.deepEqual(asked, [1, 1, 1]);
  }
});

test('the crop of the picture is compared with the crops that are stored', async () => {
  const context = openContext();
  const seen: unknown[] = [];
  const areCopies: RequestContext['analyzer']['areCopies'] = async (own, others, options) => {
    seen.push(own, ...others, options?.signal);
    return [true];
  };
  await registered(context, 'ada', ['g'], face);
  await verify({ ...context, analyzer: { ...context.analyzer, areCopies } }, person('ada').id, picture([face]));
  assert.deepEqual(seen, [crop, crop, context.signal]);
});
