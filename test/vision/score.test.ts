import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import parameters from '../../src/vision/parameters/score.json' with { type: 'json' };
import { embeddingLength } from '../../src/vision/pipeline/embed.ts';
import { measureOf, scoreBetween } from '../../src/vision/pipeline/score.ts';
import { thumbnailManifest, yunetManifest } from '../packs/made-up.ts';

const builtin = measureOf(undefined);
const { compare: compareEmbeddings, scoreOf } = builtin;
const cosine = fc.double({ min: -1, max: 1, noNaN: true });

test('scores never fall as the cosine rises', () => {
  fc.assert(
    fc.property(cosine, cosine, (a, b) => {
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
      const { score, mayBeCopy } = compareEmbeddings(unit, unit);
      assert.ok(score > 99.99 && score < 100.01 && mayBeCopy);
    }),
  );
});

test('faces from a score of 90 on may be of one photograph, and no others: so much alike are they that crops are compared', () => {
  const { cosine } = parameters.knots.find(({ score }) => score === 90)!;
  const told = (cosine: number) =>
    compareEmbeddings(Float32Array.of(1, 0), Float32Array.of(cosine, Math.sqrt(1 - cosine ** 2))).mayBeCopy;
  assert.deepEqual([told(cosine + 1e-6), told(cosine - 1e-6)], [true, false]);
});

test('a straight line runs between two knots, and a scale that does not come to 0 or 100 ends at its scores', () => {
  const knots = [
    { cosine: -0.5, score: 10 },
    { cosine: 0.5, score: 30 },
    { cosine: 0.75, score: 80 },
  ];
  const cosines = [-1, -0.5, 0, 0.5, 0.625, 0.75, 1];
  assert.deepEqual(
    cosines.map((cosine) => scoreBetween(knots, cosine)),
    [10, 10, 20, 30, 55, 80, 80],
  );
});

test('a scale that comes to 0 and 100 goes on beyond them in a straight line', () => {
  const knots = [
    { cosine: -0.5, score: 0 },
    { cosine: 0, score: 50 },
    { cosine: 0.5, score: 100 },
  ];
  assert.deepEqual(
    [-1, -0.5, 0.5, 1].map((cosine) => scoreBetween(knots, cosine)),
    [-50, 0, 100, 150],
  );
});

test("a pack that brings a recogniser brings its own scores, and any other has the built-in ones'", () => {
  const pack = thumbnailManifest('thumbnail');
  const { dimension, compare, scoreOf: score } = measureOf(pack);
  assert.equal(dimension, 192);
  assert.ok(Math.abs(score(0.9) - 70) < 1e-9 && Math.abs(score(-0.05) - 35) < 1e-9);
  assert.deepEqual(compare(Float32Array.of(0.6, 0.8), Float32Array.of(0.6, -0.8)), {
    score: score(Math.fround(0.6) ** 2 - Math.fround(0.8) ** 2),
    mayBeCopy: false,
  });
  assert.equal(compare(Float32Array.of(0, 1), Float32Array.of(0, 1)).mayBeCopy, score(1) >= 90);
  const other = measureOf(yunetManifest('yunet', new Uint8Array(3), 64));
  assert.equal(other.dimension, embeddingLength);
  for (const { cosine } of parameters.knots) assert.equal(other.scoreOf(cosine), scoreOf(cosine));
});
