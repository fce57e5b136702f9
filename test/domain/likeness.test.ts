/** What verify's confidence means when a person has several faces. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { personScore } from '../../src/domain/recognition.ts';
import { compareEmbeddings, scoreOf } from '../../src/vision/pipeline/score.ts';
import { createRandom } from '../random.ts';
import { normalize, picture, stranger } from '../search/vectors.ts';

const dimension = 64;
const analyzer = { compare: compareEmbeddings, scoreOf };

/** Embeddings as an analyzer makes them: everybody's lie about a common direction, a person's about one of its own. */
function crowd(seed: number) {
  const random = createRandom(seed);
  const common = stranger(random, dimension);
  const person = picture(random, common, 0.55);
  const faceOf = (someone: Float32Array) => picture(random, someone, 0.28);
  return { mine: () => faceOf(person), others: () => faceOf(picture(random, common, 0.55)) };
}

test('the order of the faces does not matter, and one face is its own mean', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, count) => {
      const { mine } = crowd(seed);
      const faces = Array.from({ length: count }, mine);
      const probe = mine();
      const told = personScore(analyzer, probe, faces);
      assert.ok(told >= 0 && told <= 100);
      assert.ok(Math.abs(told - personScore(analyzer, probe, faces.toReversed())) < 1e-2);
      assert.ok(Math.abs(personScore(analyzer, probe, faces.slice(0, 1)) - compareEmbeddings(probe, faces[0]!)) < 1e-2);
    }),
  );
});

test('almost the same picture as one of the faces scores 99 and more, whatever the others are', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (seed, count) => {
      const { mine, others } = crowd(seed);
      const face = mine();
      const again = normalize(face.map((value, i) => value + (i % 2 === 0 ? 0.004 : -0.004)));
      assert.ok(compareEmbeddings(face, again) >= 99);
      assert.ok(personScore(analyzer, again, [...Array.from({ length: count }, others), face]) >= 99);
    }),
  );
});

test('strangers do not score higher for a person’s having more faces, and the person does not score lower', () => {
  const sums = { stranger: [0, 0], self: [0, 0] };
  for (let seed = 0; seed < 400; seed++) {
    const { mine, others } = crowd(seed);
    const faces = Array.from({ length: 5 }, mine);
    const [probe, unknown] = [mine(), others()];
    for (const [i, some] of [faces.slice(0, 1), faces].entries()) {
      sums.self[i]! += personScore(analyzer, probe, some);
      sums.stranger[i]! += personScore(analyzer, unknown, some);
    }
  }
  assert.ok(sums.stranger[1]! <= sums.stranger[0]! * 1.05, `${sums.stranger}`);
  assert.ok(sums.self[1]! >= sums.self[0]!, `${sums.self}`);
});

/** A scale on which a score is a cosine in hundredths, so that what is expected can be written down. */
const hundredths = {
  compare: (a: Float32Array, b: Float32Array) => 100 * a.reduce((sum, value, i) => sum + value * b[i]!, 0),
  scoreOf: (cosine: number) => 100 * cosine,
};
const faceOf = (...coordinates: number[]) => normalize(Float32Array.from(coordinates));

test('the confidence is the score of the cosine with the mean, less what a stranger at a score of 25 gains by it', () => {
  const [probe, x, y, z] = [faceOf(3, 4, 0), faceOf(1, 0, 0), faceOf(0, 1, 0), faceOf(0, 0, 1)];
  for (const [faces, toMean] of [
    [[x], 0.6],
    [[x, y], 1.4 / Math.sqrt(2)],
    [[x, y, z], 1.4 / Math.sqrt(3)],
    [[x, x, y], 2 / Math.sqrt(5)],
  ] as const) {
    const gain = 0.25 * (Math.sqrt(faces.length / (1 + (faces.length - 1) * 0.93)) - 1);
    const told = personScore(hundredths, probe, faces);
    assert.ok(Math.abs(told - 100 * (toMean - gain)) < 1e-4, `${told} of ${faces.length}`);
  }
});

test('from a similarity of 99 on with one face the confidence is that similarity, and below it that of the mean', () => {
  // Each face says itself how similar it is.
  const told = { ...hundredths, compare: (_: Float32Array, face: Float32Array) => face[1]! };
  const faces = (similarity: number) => [Float32Array.of(1, similarity), Float32Array.of(1, 0)];
  assert.equal(personScore(told, faceOf(1, 0), faces(99)), 99);
  assert.ok(personScore(told, faceOf(1, 0), faces(98)) < 50);
});

test('faces that cancel each other out are taken one by one', () => {
  const told = personScore(hundredths, faceOf(1, 0), [faceOf(3, 4), faceOf(-3, -4)]);
  assert.ok(Math.abs(told - 60) < 1e-4, `${told}`);
});
