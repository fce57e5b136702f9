import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../bench/statistics.ts';
import { crossValidate, type Example, foldCount, foldOf, learn } from '../../bench/vision/logistic.ts';
import { compareStrangers, keptShare } from '../../bench/vision/strangers.ts';
import { respond } from '../../src/vision/attributes/linear.ts';

const random = createRandom(3);
const portraits = Array.from({ length: 60 }, (_, i) => ({
  person: `p${i % 40}`,
  path: `${i}`,
  embedding: Float32Array.of(random() * 200 - 100),
}));
const likeness = (a: Float32Array, b: Float32Array): number => a[0]! + b[0]!;
const strangers = compareStrangers(portraits, likeness);
const scores = portraits.flatMap((a, i) =>
  portraits.slice(0, i).flatMap((b) => (a.person === b.person ? [] : [likeness(a.embedding, b.embedding)])),
);

test('all pairs of strangers count, those below 0 too, and pairs of one person do not', () => {
  assert.equal(strangers.pairs, scores.length);
  for (const least of [-150, -1, 0, 90]) {
    assert.equal(strangers.above(least), scores.filter((score) => Math.fround(score) >= least).length, `${least}`);
  }
  let [visited, sum] = [0, 0];
  strangers.each((i, j, score) => {
    assert.notEqual(portraits[i]!.person, portraits[j]!.person);
    visited++;
    sum += score;
  });
  assert.equal(visited, scores.length);
  assert.ok(Math.abs(sum - scores.reduce((total, score) => total + score, 0)) < 0.1);
});

test('the score that a share of the strangers exceeds is exceeded by that share', () => {
  const shares = [0.002, 0.01, keptShare];
  for (const [i, least] of strangers.scoresAt(shares).entries()) {
    const exceeding = scores.filter((score) => Math.fround(score) > least).length;
    assert.ok(exceeding <= shares[i]! * scores.length, `${exceeding} at ${shares[i]}`);
    assert.ok(exceeding + 1 > shares[i]! * scores.length - 1, `${exceeding} at ${shares[i]}`);
  }
  const once = new Uint32Array(strangers.names.length).fill(1);
  assert.deepEqual(strangers.scoresAt(shares, once), strangers.scoresAt(shares), 'everybody drawn once is the sample');
});

/** Noisy examples of many people, two inputs each. */
const examples: Example[] = Array.from({ length: 300 }, (_, i) => {
  const inputs = [random() * 4 - 2, random() * 9];
  return { inputs, positive: inputs[0]! + random() - 0.5 > 0, person: `somebody ${i % 60}` };
});

test('a probe that is learned from another start is the same', () => {
  const [cold, warm] = [learn(examples, 1), learn(examples, 1, { weights: [3, -1], bias: 0.5 })];
  for (const i of [0, 1]) assert.ok(Math.abs(cold.weights[i]! - warm.weights[i]!) < 1e-6);
  assert.ok(Math.abs(cold.bias - warm.bias) < 1e-6);
});

test('by folds a face is judged by a probe that has not seen its person', () => {
  const { responses } = crossValidate(examples, 1);
  for (const [i, { person, inputs }] of examples.entries()) {
    const others = learn(
      examples.filter((one) => foldOf(one.person) !== foldOf(person)),
      1,
    );
    if (i % 50 === 0) assert.ok(Math.abs(responses[i]! - respond(others, inputs)) < 1e-9);
    if (i > 120) break;
  }
  assert.ok(new Set(examples.map(({ person }) => foldOf(person))).size === foldCount);
});
