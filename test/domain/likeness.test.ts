/** What the likeness to a person means who has several faces. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ScoreScale } from '../../src/domain/face-analyzer.ts';
import { likenessToPerson } from '../../src/domain/likeness.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';
import { createRandom } from '../random.ts';
import { normalize, picture, stranger } from '../search/vectors.ts';

const dimension = 64;
const analyzer = measureOf(undefined);

/** How alike a face is to a person of whose pictures it is no copy. */
function scoreTo(scale: ScoreScale, probe: Float32Array, faces: readonly Float32Array[]): number {
  const each = faces.map((face) => ({ score: scale.compare(probe, face).score, samePicture: false }));
  return likenessToPerson(scale, probe, faces, each).score;
}

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
      const told = scoreTo(analyzer, probe, faces);
      assert.ok(Math.abs(told - scoreTo(analyzer, probe, faces.toReversed())) < 1e-2);
      assert.ok(
        Math.abs(scoreTo(analyzer, probe, faces.slice(0, 1)) - analyzer.compare(probe, faces[0]!).score) < 1e-2,
      );
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
      sums.self[i]! += scoreTo(analyzer, probe, some);
      sums.stranger[i]! += scoreTo(analyzer, unknown, some);
    }
  }
  assert.ok(sums.stranger[1]! <= sums.stranger[0]! * 1.05, `${sums.stranger}`);
  assert.ok(sums.self[1]! >= sums.self[0]!, `${sums.self}`);
});

/** A scale on which a score is a cosine in hundredths, so that what is expected can be written down. */
const hundredths = {
  compare: (a: Float32Array, b: Float32Array) => ({
    score: 100 * a.reduce((sum, value, i) => sum + value * b[i]!, 0),
    mayBeCopy: false,
  }),
  scoreOf: (cosine: number) => 100 * cosine,
};
const faceOf = (...coordinates: number[]) => normalize(Float32Array.from(coordinates));

test('the score is that of the cosine with the mean, less what a stranger at a score of 25 gains by it', () => {
  const [probe, x, y, z] = [faceOf(3, 4, 0), faceOf(1, 0, 0), faceOf(0, 1, 0), faceOf(0, 0, 1)];
  for (const [faces, toMean] of [
    [[x], 0.6],
    [[x, y], 1.4 / Math.sqrt(2)],
    [[x, y, z], 1.4 / Math.sqrt(3)],
    [[x, x, y], 2 / Math.sqrt(5)],
  ] as const) {
    const gain = 0.25 * (Math.sqrt(faces.length / (1 + (faces.length - 1) * 0.93)) - 1);
    const told = scoreTo(hundredths, probe, faces);
    assert.ok(Math.abs(told - 100 * (toMean - gain)) < 1e-4, `${told} of ${faces.length}`);
  }
});

test('a copy of the picture of one face has the score of the nearest face, and any other that of the mean', () => {
  const faces = [faceOf(1, 0), faceOf(0, 1)];
  const each = (samePicture: boolean) => [
    { score: 92, samePicture },
    { score: 96, samePicture: false },
  ];
  assert.deepEqual(likenessToPerson(hundredths, faceOf(1, 0), faces, each(true)), { score: 96, samePicture: true });
  const { score, samePicture } = likenessToPerson(hundredths, faceOf(1, 0), faces, each(false));
  assert.ok(score < 80 && !samePicture);
});

test('faces that cancel each other out are taken one by one', () => {
  const told = scoreTo(hundredths, faceOf(1, 0), [faceOf(3, 4), faceOf(-3, -4)]);
  assert.ok(Math.abs(told - 60) < 1e-4, `${told}`);
});
