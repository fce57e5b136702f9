/** Knows what verify's confidence means when a person has several faces. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { likeness } from '../../src/domain/recognition.ts';
import { scoreOf, similarity } from '../../src/vision/score.ts';
import { createRandom } from '../random.ts';
import { normalize, picture, stranger } from '../search/vectors.ts';

const dimension = 64;
const eyes = { similarity, score: scoreOf };

/** Faces as the eyes see them: everybody's lie about a common direction, a person's about one of its own. */
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
      const told = likeness(eyes, probe, faces);
      assert.ok(told >= 0 && told <= 100);
      assert.ok(Math.abs(told - likeness(eyes, probe, faces.toReversed())) < 1e-2);
      assert.ok(Math.abs(likeness(eyes, probe, faces.slice(0, 1)) - similarity(probe, faces[0]!)) < 1e-2);
    }),
  );
});

test('almost the same picture as one of the faces scores 99 and more, whatever the others are', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (seed, count) => {
      const { mine, others } = crowd(seed);
      const face = mine();
      const again = normalize(face.map((value, i) => value + (i % 2 === 0 ? 0.004 : -0.004)));
      assert.ok(similarity(face, again) >= 99);
      assert.ok(likeness(eyes, again, [...Array.from({ length: count }, others), face]) >= 99);
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
      sums.self[i]! += likeness(eyes, probe, some);
      sums.stranger[i]! += likeness(eyes, unknown, some);
    }
  }
  assert.ok(sums.stranger[1]! <= sums.stranger[0]! * 1.05, `${sums.stranger}`);
  assert.ok(sums.self[1]! >= sums.self[0]!, `${sums.self}`);
});
