import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dot } from '../../src/vision/kernels/dot.ts';
import {
  embeddingLength,
  embeddingOf,
  identityLength,
  pictureHashShare,
  recognisedLength,
} from '../../src/vision/pipeline/embed.ts';
import { compareEmbeddings, scoreOf } from '../../src/vision/pipeline/score.ts';

const numbers = (length: number, min: number) =>
  fc
    .array(fc.integer({ min, max: 1000 }), { minLength: length, maxLength: length })
    .filter((values) => values.some((value) => value !== 0))
    .map((values) => Float32Array.from(values, (value) => value / 1000));
/** What the recogniser says of a face; the last 64 numbers, the signature, have unit length. */
const face = fc
  .tuple(numbers(identityLength, -1000), numbers(recognisedLength - identityLength, -1000))
  .map(([said, signature]) => {
    const length = Math.hypot(...signature);
    return Float32Array.from([...said, ...signature.map((value) => value / length)]);
  });
const embed = (recognised: Float32Array) => {
  const embedding = embeddingOf(recognised);
  assert.ok(embedding);
  return embedding;
};

test('an embedding has unit length, and its signature moves a cosine by one in ten thousand at most', () => {
  fc.assert(
    fc.property(face, face, (a, b) => {
      const [one, other] = [embed(a), embed(b)];
      assert.equal(one.length, embeddingLength);
      assert.ok(Math.abs(Math.hypot(...one) - 1) < 1e-5);
      const tails = dot(one.subarray(identityLength), other.subarray(identityLength));
      assert.ok(Math.abs(tails) <= pictureHashShare ** 2 * 1.001);
    }),
    { numRuns: 20 },
  );
});

test('how loudly the network answers changes nothing', () => {
  fc.assert(
    fc.property(face, fc.integer({ min: 1, max: 50 }), (recognised, times) => {
      const louder = recognised.map((value, i) => (i < identityLength ? value * times : value));
      assert.ok(dot(embed(recognised), embed(louder)) > 1 - 1e-5);
    }),
    { numRuns: 20 },
  );
});

test('a network that says nothing gives no embedding', () => {
  assert.equal(embeddingOf(new Float32Array(recognisedLength).fill(0.1, identityLength)), undefined);
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
