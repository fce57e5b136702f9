import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestThreshold } from '../../bench/vision/description.ts';

const rated = (negatives: readonly number[], positives: readonly number[]) => [
  ...negatives.map((value) => ({ value, positive: false })),
  ...positives.map((value) => ({ value, positive: true })),
];

test('the best threshold is the lowest from which on most are told right', () => {
  assert.deepEqual(bestThreshold(rated([0, 20, 39], [60, 80])), { threshold: 40, accuracy: 1 });
  assert.deepEqual(bestThreshold(rated([0, 10, 20, 90], [50, 60, 70, 80])), { threshold: 21, accuracy: 7 / 8 });
  assert.deepEqual(bestThreshold(rated([0, 100], [])), { threshold: 1, accuracy: 0.5 });
  assert.deepEqual(bestThreshold(rated([], [0, 3])), { threshold: 1, accuracy: 0.5 });
});
