import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { embeddingLength, join, recognisedAndSignedLength, signatureShare } from '../../src/vision/embed.ts';
import { dot } from '../../src/vision/kernels/dot.ts';
import meanFace from '../../src/vision/parameters/mean-face.json' with { type: 'json' };
import { projectedLength } from '../../src/vision/projection.ts';
import { scoreOf, similarity } from '../../src/vision/score.ts';

const numbers = (length: number, min: number) =>
  fc
    .array(fc.integer({ min, max: 1000 }), { minLength: length, maxLength: length })
    .filter((values) => values.some((value) => value !== 0))
    .map((values) => Float32Array.from(values, (value) => value / 1000));
/** What the networks say of a face; the last 64 numbers, the signature, have unit length. */
const face = fc
  .tuple(numbers(1024, 0), numbers(128, -1000), numbers(recognisedAndSignedLength - 128, -1000))
  .map(([feature, dlib, signature]) => {
    const length = Math.hypot(...signature);
    return { feature, recognised: Float32Array.from([...dlib, ...signature.map((value) => value / length)]) };
  });
const embed = ({ feature, recognised }: { feature: Float32Array; recognised: Float32Array }) => {
  const embedding = join(feature, recognised, meanFace.feature);
  assert.ok(embedding);
  return embedding;
};

test('an embedding has unit length, and its signature moves a cosine by one in ten thousand at most', () => {
  fc.assert(
    fc.property(face, face, (a, b) => {
      const [one, other] = [embed(a), embed(b)];
      assert.equal(one.length, embeddingLength);
      assert.ok(Math.abs(Math.hypot(...one) - 1) < 1e-5);
      const tails = dot(one.subarray(projectedLength), other.subarray(projectedLength));
      assert.ok(Math.abs(tails) <= signatureShare ** 2 * 1.001);
    }),
    { numRuns: 20 },
  );
});

test('how brightly the networks answer changes nothing', () => {
  fc.assert(
    fc.property(face, fc.integer({ min: 1, max: 50 }), ({ feature, recognised }, times) => {
      const louder = recognised.map((value, i) => (i < 128 ? value * times : value));
      const same = embed({ feature: feature.map((value) => value * times), recognised: louder });
      assert.ok(dot(embed({ feature, recognised }), same) > 1 - 1e-5);
    }),
    { numRuns: 20 },
  );
});

test('a network that says nothing gives no embedding', () => {
  const [nothing, something] = [new Float32Array(1024), new Float32Array(recognisedAndSignedLength).fill(0.1)];
  assert.equal(join(nothing, something, meanFace.feature), undefined);
  assert.equal(
    join(new Float32Array(1024).fill(1), new Float32Array(recognisedAndSignedLength), meanFace.feature),
    undefined,
  );
});

test('likeness is symmetric, at least the cosine’s score, and 99 for a face and itself', () => {
  fc.assert(
    fc.property(face, face, (a, b) => {
      const [one, other] = [embed(a), embed(b)];
      const score = similarity(one, other);
      assert.equal(score, similarity(other, one));
      assert.ok(score >= scoreOf(dot(one, other)) && score <= 100);
      assert.ok(similarity(one, one) >= 99);
    }),
    { numRuns: 20 },
  );
});
