/** What a score says of a stranger: the figures of docs/identify.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { meaningOf, strangerShare, strangersAccepted, thresholdFor } from '../../src/contract/score-meaning.ts';

const near = (actual: number, expected: number, places = 9) =>
  assert.ok(Math.abs(actual - expected) <= Math.abs(expected) * 10 ** -places, `${actual}, not ${expected}`);

test('ten points are a factor of ten: one stranger in 10, 1,000, 10,000 and 100,000 reaches 50, 70, 80 and 90', () => {
  for (const [score, oneIn] of [
    [50, 10],
    [70, 1_000],
    [80, 10_000],
    [90, 100_000],
  ] as const) {
    near(strangerShare(score), 1 / oneIn);
    near(meaningOf(score, 1).oneIn, oneIn);
    near(strangersAccepted(score, 1), 1 / oneIn);
  }
  assert.equal(strangerShare(0), 1);
});

test('the more faces are searched, the more strangers are accepted, as independent comparisons would have it', () => {
  near(strangersAccepted(90, 1000), 1 - (1 - 1e-5) ** 1000);
  near(strangersAccepted(70, 200), 0.1814, 3);
  assert.equal(strangersAccepted(90, 0), 0);
  assert.equal(strangersAccepted(30, 1), 1);
  near(strangersAccepted(90, 1e-6), 1e-11, 5);
});

test('the threshold is the score whose rate was asked for; the two examples of the page', () => {
  assert.equal(Math.round(thresholdFor(200, 0.01)), 83);
  assert.equal(Math.round(thresholdFor(600, 0.01)), 88);
  const faces = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(faces, fc.double({ min: 1e-6, max: 0.5, noNaN: true }), (many, rate) =>
      near(strangersAccepted(thresholdFor(many, rate), many), rate, 6),
    ),
  );
});

test('beyond the scores that were fitted it is only said that there are more strangers, or fewer', () => {
  const told = (score: number, most?: number) => {
    const { place, oneIn } = meaningOf(score, 1, most);
    return [place, Math.round(oneIn)];
  };
  assert.deepEqual(told(49.99), ['below', 10]);
  assert.deepEqual(told(50), ['fitted', 10]);
  assert.deepEqual(told(90), ['fitted', 100_000]);
  assert.deepEqual(told(98.99), ['above', 100_000]);
  assert.deepEqual(told(85, 80), ['above', 10_000], 'the scale of a pack may end earlier');
  assert.deepEqual(told(95, 99), ['above', 100_000], 'and none goes further');
  near(meaningOf(98, 1000).share, strangersAccepted(90, 1000));
});
