import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dot } from '../../src/vision/kernels/dot.ts';
import { embeddingLength, embeddingOf } from '../../src/vision/pipeline/embed.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';

const { compare: compareEmbeddings, scoreOf } = measureOf(undefined);
/** What the recogniser says of a face. */
const face = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: embeddingLength, maxLength: embeddingLength })
  .filter((values) => values.some((value) => value !== 0))
  .map((values) => Float32Array.from(values, (value) => value / 1000));
const embed = (recognised: Float32Array) => {
  const embedding = embeddingOf(recognised);
  assert.ok(embedding);
  return embedding;
};

test('an embedding has unit length, and all of it tells the person', () => {
  fc.assert(
    fc.property(face, (recognised) => {
      const embedding = embed(recognised);
      assert.equal(embedding.length, embeddingLength);
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
    }),
    { numRuns: 20 },
  );
});

test('how loudly the network answers changes nothing', () => {
  fc.assert(
    fc.property(face, fc.integer({ min: 1, max: 50 }), (recognised, times) => {
      const louder = recognised.map((value) => value * times);
      assert.ok(dot(embed(recognised), embed(louder)) > 1 - 1e-5);
    }),
    { numRuns: 20 },
  );
});

test('a network that says nothing gives no embedding', () => {
  assert.equal(embeddingOf(new Float32Array(embeddingLength)), undefined);
});

test('likeness is symmetric, has the score of the cosine, and is that of one picture for a face and itself', () => {
  fc.assert(
    fc.property(face, face, (a, b) => {
      const [one, other] = [embed(a), embed(b)];
      const likeness = compareEmbeddings(one, other);
      assert.deepEqual(likeness, compareEmbeddings(other, one));
      assert.equal(likeness.score, scoreOf(dot(one, other)));
      assert.ok(compareEmbeddings(one, one).mayBeCopy);
    }),
    { numRuns: 20 },
  );
});
