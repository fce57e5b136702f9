import assert from 'node:assert/strict';
import test from 'node:test';
import scale from '../../src/vision/parameters/score.json' with { type: 'json' };
import { embeddingLength, identityLength, pictureHashShare } from '../../src/vision/pipeline/embed.ts';
import { compareEmbeddings } from '../../src/vision/pipeline/score.ts';

/** Two embeddings with a given cosine between the faces, and a correlation of the signatures. */
function pair(cosine: number, correlation: number): [Float32Array, Float32Array] {
  const make = (share: number, likeness: number) => {
    const embedding = new Float32Array(embeddingLength);
    const length = Math.sqrt(1 - pictureHashShare ** 2);
    embedding.set([length * share, length * Math.sqrt(1 - share ** 2)]);
    embedding.set([pictureHashShare * likeness, pictureHashShare * Math.sqrt(1 - likeness ** 2)], identityLength);
    return embedding;
  };
  return [make(1, 1), make(cosine, correlation)];
}

test('one photograph of a person may be a copy, another of the same person is none', () => {
  const alike = scale.knots.find(({ score }) => score === 90)!.cosine + 0.02;
  const copy = compareEmbeddings(...pair(alike, 0.99));
  assert.ok(copy.mayBeCopy && copy.score > 90 && copy.score < 99, 'the score is the evidence of the faces alone');
  const another = compareEmbeddings(...pair(alike, scale.signature - 0.05));
  assert.ok(another.score > 90 && !another.mayBeCopy);
});

test('pictures alike in light and shade are not of one person for that', () => {
  const unlike = scale.knots.find(({ score }) => score === 70)!.cosine - 0.02;
  const { score, mayBeCopy } = compareEmbeddings(...pair(unlike, 1));
  assert.ok(score < 70 && !mayBeCopy);
});

test('faces from a score of 99 on may be copies, whatever their signatures say', () => {
  const cosine = scale.knots.find(({ score }) => score === 99)!.cosine;
  const told = (cosine: number) => {
    // Two elements say both: the rest of an embedding, signature included, is zero.
    const one = new Float32Array(embeddingLength);
    const other = new Float32Array(embeddingLength);
    one[0] = 1;
    other.set([cosine, Math.sqrt(1 - cosine ** 2)]);
    return compareEmbeddings(one, other).mayBeCopy;
  };
  assert.deepEqual([told(cosine + 1e-6), told(cosine - 1e-6)], [true, false]);
});
