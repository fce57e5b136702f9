import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import parameters from '../../src/vision/parameters/score.json' with { type: 'json' };
import { compareEmbeddings, scoreOf } from '../../src/vision/pipeline/score.ts';

const cosine = fc.double({ min: -1, max: 1, noNaN: true });

test('scores lie between 0 and 100 and never fall as the cosine rises', () => {
  fc.assert(
    fc.property(cosine, cosine, (a, b) => {
      assert.ok(scoreOf(a) >= 0 && scoreOf(a) <= 100);
      assert.ok(a <= b ? scoreOf(a) <= scoreOf(b) : scoreOf(a) >= scoreOf(b));
    }),
  );
});

test('every knot has its own score, and the scale has no jumps', () => {
  for (const { cosine, score } of parameters.knots) {
    assert.ok(Math.abs(scoreOf(cosine) - score) < 1e-9);
    assert.ok(Math.abs(scoreOf(cosine - 1e-9) - score) < 1e-3);
  }
  assert.deepEqual(
    parameters.knots.map(({ score }) => score).filter((score) => score >= 70),
    [70, 80, 90, 99, 100],
  );
});

test('an embedding is as like itself as can be, rounding or not', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 2, maxLength: 50, min: -1, max: 1, noNaN: true }), (vector) => {
      const length = Math.hypot(...vector);
      fc.pre(length > 0.1);
      const unit = vector.map((value) => value / length);
      assert.ok(compareEmbeddings(unit, unit) > 99.99);
      assert.ok(compareEmbeddings(unit, unit) <= 100);
    }),
  );
});
