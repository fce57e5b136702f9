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

test('one photograph of a person scores 99 or more, another of the same person less', () => {
  const alike = scale.knots.find(({ score }) => score === 90)!.cosine + 0.02;
  assert.ok(compareEmbeddings(...pair(alike, 0.99)) >= 99);
  const another = compareEmbeddings(...pair(alike, scale.signature - 0.05));
  assert.ok(another > 90 && another < 99, `${another}`);
});

test('pictures alike in light and shade are not of one person for that', () => {
  const unlike = scale.knots.find(({ score }) => score === 70)!.cosine - 0.02;
  assert.ok(compareEmbeddings(...pair(unlike, 1)) < 70);
});
