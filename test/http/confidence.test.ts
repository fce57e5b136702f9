/** The one number by which the face API tells two facts: how alike two faces are, and whether they are one picture. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PictureInput } from '../../src/contract/endpoint.ts';
import type { AnalyzedFace, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import type { Gallery } from '../../src/domain/gallery.ts';
import { type Call, handlers } from '../../src/http/handlers.ts';
import { dot, normalize } from '../../src/vision/kernels/dot.ts';
import scale from '../../src/vision/parameters/score.json' with { type: 'json' };
import { embeddingLength } from '../../src/vision/pipeline/embed.ts';
import { type Knot, measureOf } from '../../src/vision/pipeline/score.ts';
import { attributes, boxOf, crop, openContext, shapeOf } from '../domain/memory-context.ts';
import { thumbnailManifest } from '../packs/made-up.ts';
import { createRandom } from '../random.ts';
import { picture, stranger } from '../search/vectors.ts';
import { imageOf, serve } from './served.ts';

/** What verify tells of pictures at some cosines with the only face of a person. */
async function verified(...cosines: readonly number[]) {
  await using served = serve();
  await served.call('newperson', { person_id: 'ada', group_ids: ['g'], image: imageOf({ cosine: 1 }) });
  const told = [];
  for (const cosine of cosines) {
    const { data } = await served.call('verify', { person_id: 'ada', image: imageOf({ cosine }) });
    told.push([data.confidence, data.ismatch]);
  }
  return told;
}

test('a confidence of just 75 is a match, and one of 74.99 is none', async () => {
  assert.deepEqual(await verified(0.75, 0.7499, -1), [
    [75, true],
    [74.99, false],
    [0, false],
  ]);
});

test('the confidence that is told and the match never contradict each other', async () => {
  assert.deepEqual(await verified(0.74996, 0.74994), [
    [75, true],
    [74.99, false],
  ]);
});

/** A scale of scores as it was when one number told both facts: clipped, and 99 and more for almost the same picture. */
interface OneNumber {
  readonly compare: (a: Float32Array, b: Float32Array) => number;
  readonly scoreOf: (cosine: number) => number;
}

function clippedScore(knots: readonly Knot[], cosine: number): number {
  const upper = knots.findIndex((knot) => cosine < knot.cosine);
  if (upper === 0) return knots[0]!.score;
  if (upper < 0) return knots.at(-1)!.score;
  const [low, high] = [knots[upper - 1]!, knots[upper]!];
  return low.score + ((high.score - low.score) * (cosine - low.cosine)) / (high.cosine - low.cosine);
}

function oracleOf(knots: readonly Knot[]): OneNumber {
  const scoreOf = (cosine: number) => clippedScore(knots, cosine);
  const told = (score: number) => (score >= 90 ? Math.max(score, 99) : score);
  return { compare: (a, b) => told(scoreOf(dot(a, b))), scoreOf };
}

/** What verify told then, before it was rounded. */
function scoreToPerson({ compare, scoreOf }: OneNumber, probe: Float32Array, faces: readonly Float32Array[]): number {
  const nearest = Math.max(...faces.map((face) => compare(probe, face)));
  if (nearest >= 99) return nearest;
  const mean = new Float32Array(probe.length);
  for (const face of faces) for (let i = 0; i < mean.length; i += 1) mean[i]! += face[i]!;
  const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return nearest;
  const toMean = mean.reduce((sum, value, i) => sum + (value / length) * probe[i]!, 0);
  const cosineAt = (score: number): number => {
    let [low, high] = [-1, 1];
    for (let i = 0; i < 30; i += 1) {
      const middle = (low + high) / 2;
      if (scoreOf(middle) < score) low = middle;
      else high = middle;
    }
    return high;
  };
  const count = faces.length;
  const gain = count === 1 ? 0 : cosineAt(25) * (Math.sqrt(count / (1 + (count - 1) * cosineAt(93))) - 1);
  return Math.min(98.99, scoreOf(toMean - gain));
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The first element of a picture in memory is the place of its embedding. */
function contextOf(
  embeddings: readonly Float32Array[],
  measure: Omit<FaceAnalyzer, 'model' | 'analyze' | 'areCopies'>,
) {
  const analyzer: FaceAnalyzer = {
    ...measure,
    areCopies: async (_, others) => others.map(() => true),
    model: 'made up',
    analyze: async ([place]) => {
      const quality = { score: 100 };
      const parts = {
        attributes,
        embedding: embeddings[place!]!,
        crop,
        quality,
        further: [],
        shape: shapeOf({ cosine: 1 }),
      };
      const face: AnalyzedFace = { box: boxOf({ cosine: 1 }), ...parts };
      return { width: 1, height: 1, faces: [face], others: [], timings: {} };
    },
  };
  return openContext({ analyzer });
}

/** What is asked of handlers, which have pictures by their places. */
function callOf(context: ReturnType<typeof contextOf>, input: object): Call<never> {
  const source = (place: PictureInput) => ({ open: async () => Uint8Array.of(place as unknown as number) });
  return { input, context, source, sessionId: 's', tellQualities: () => {} } as unknown as Call<never>;
}

interface Case {
  /** The first one is the probe; the others are faces, each of a person of its own and all of one more. */
  readonly embeddings: readonly Float32Array[];
}

/** Asserts that compare, verify and identify tell of a case what they told when both facts were one number. */
async function assertSame(
  { embeddings }: Case,
  measure: Omit<FaceAnalyzer, 'model' | 'analyze' | 'areCopies'>,
  oracle: OneNumber,
): Promise<void> {
  const [probe, ...faces] = embeddings as [Float32Array, ...Float32Array[]];
  const context = contextOf(embeddings, measure);
  // Written as they are: addface would refuse copies.
  const write = async (personId: string, groupId: string, some: readonly Float32Array[]) => {
    await context.store.insertPerson({ id: personId, name: '', tag: '' });
    await context.store.joinGroups(personId, [groupId], context.limits);
    for (const embedding of some) {
      const face = { id: context.newFaceId(), personId, tag: '', box: boxOf({ cosine: 1 }), attributes, crop };
      await context.store.insertFace({ ...face, model: 'made up', embedding }, context.limits);
    }
  };
  for (const [i, face] of faces.entries()) await write(`${i}`, 'g', [face]);
  await write('all', 'other', faces);

  const [face] = faces as [Float32Array];
  const { similarity } = await handlers.compare(callOf(context, { first: 0, second: 1 }));
  assert.equal(similarity, rounded(oracle.compare(probe, face)));

  const confidence = rounded(scoreToPerson(oracle, probe, faces));
  const verified = await handlers.verify(callOf(context, { person_id: 'all', picture: 0 }));
  assert.deepEqual([verified.confidence, verified.ismatch], [confidence, confidence >= 75]);

  const searched = await context.gallery.nearest({ probes: [probe], groupIds: ['g'], count: 5 });
  const expected = searched[0]!
    .map(({ personId }) => ({ personId, confidence: oracle.compare(probe, faces[Number(personId)]!) }))
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ personId, confidence }) => [personId, rounded(confidence)]);
  const identified = await handlers.identify(callOf(context, { group_id: 'g', picture: 0 }));
  assert.deepEqual(
    identified.candidates.map(({ person_id, confidence }) => [person_id, confidence]),
    expected,
  );
}

/** A vector of unit length that has a cosine with another one. */
function like(random: () => number, of: Float32Array, cosine: number): Float32Array {
  const across = stranger(random, of.length);
  const along = dot(across, of);
  across.forEach((value, i) => {
    across[i] = value - along * of[i]!;
  });
  normalize(across, 1);
  const side = Math.sqrt(Math.max(0, 1 - cosine ** 2));
  return of.map((value, i) => cosine * value + side * across[i]!);
}

/** Cosines: anything, and what lies on the scale's ends and thresholds or next to it. */
const cosine = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(...scale.knots.map((knot) => knot.cosine), -1, 0),
);

const builtinCase: fc.Arbitrary<Case> = fc
  .tuple(fc.integer(), fc.array(cosine, { minLength: 1, maxLength: 6 }))
  .map(([seed, cosines]) => {
    const random = createRandom(seed);
    const probe = stranger(random, embeddingLength);
    return { embeddings: [probe, ...cosines.map((cosine) => like(random, probe, cosine))] };
  });

const packCase: fc.Arbitrary<Case> = fc
  .tuple(fc.integer(), fc.array(fc.constantFrom(0, 0.01, 0.1, 0.5, 1, 100, -1), { minLength: 1, maxLength: 6 }))
  .map(([seed, spreads]) => {
    const random = createRandom(seed);
    const probe = stranger(random, 16);
    const faces = spreads.map((spread) => (spread < 0 ? probe.map((value) => -value) : picture(random, probe, spread)));
    return { embeddings: [probe, ...faces] };
  });

test('confidences and the order of candidates are what one clipped number for both facts gave', async () => {
  await fc.assert(
    fc.asyncProperty(builtinCase, (one) => assertSame(one, measureOf(undefined), oracleOf(scale.knots))),
    { numRuns: 300 },
  );
  // Three that may be copies, two of one confidence among them, one that is none, and two strangers below the scale.
  const random = createRandom(3);
  const probe = stranger(random, embeddingLength);
  const faces = [0.8, 0.97, 0.85, 0.4, -0.99, -0.9].map((cosine) => like(random, probe, cosine));
  await assertSame({ embeddings: [probe, ...faces] }, measureOf(undefined), oracleOf(scale.knots));
  await assertSame({ embeddings: [probe, ...faces.slice(4)] }, measureOf(undefined), oracleOf(scale.knots));
});

test('confidences of a pack are what one clipped number gave, wherever its scale begins and ends', async () => {
  const thumbnail = thumbnailManifest('thumbnail');
  const knots = [
    { cosine: -0.1, score: 0 },
    { cosine: 0.2, score: 50 },
    { cosine: 0.6, score: 99 },
    { cosine: 0.9, score: 100 },
  ];
  const short = [
    { cosine: -0.5, score: 30 },
    { cosine: 0.2, score: 50 },
    { cosine: 0.6, score: 98 },
  ];
  const packs = [knots, short].map((knots) => ({ ...thumbnail, score: { ...thumbnail.score!, knots } }));
  for (const pack of [thumbnail, ...packs]) {
    const property = fc.asyncProperty(packCase, (one) => assertSame(one, measureOf(pack), oracleOf(pack.score!.knots)));
    await fc.assert(property, { numRuns: 100 });
  }
});

test('candidates of one confidence stay in the order of the search', async () => {
  const embeddings = [1, 2, 3, 4].map((place) => Float32Array.of(place));
  const measure = {
    dimension: 1,
    compare: (_: Float32Array, face: Float32Array) => ({ score: -face[0]!, mayBeCopy: false }),
    scoreOf: () => 0,
  };
  const context = contextOf(embeddings, measure);
  const searched = await Promise.all(
    [2, 3, 1].map(async (place) => {
      const personId = `${place}`;
      await context.store.insertPerson({ id: personId, name: '', tag: '' });
      await context.store.joinGroups(personId, ['g'], context.limits);
      const face = { id: context.newFaceId(), personId, tag: '', box: boxOf({ cosine: 1 }), attributes, crop };
      await context.store.insertFace({ ...face, model: 'made up', embedding: embeddings[place]! }, context.limits);
      return { personId, faceId: face.id };
    }),
  );
  const gallery: Gallery = { nearest: async () => [searched] };
  const { candidates } = await handlers.identify(callOf({ ...context, gallery }, { group_id: 'g', picture: 0 }));
  assert.deepEqual(
    candidates.map(({ person_id, confidence }) => [person_id, confidence]),
    [
      ['2', 0],
      ['3', 0],
      ['1', 0],
    ],
  );
});
