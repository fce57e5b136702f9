import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { dot } from '../../src/vision/kernels/dot.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import type { Network } from '../../src/vision/models/runtime.ts';
import { loadRecogniser } from '../../src/vision/packs/recogniser.ts';
import { facePointsOf } from '../../src/vision/pipeline/align.ts';
import { cropFace, cutCrop, frameInCrop, pointsInCrop } from '../../src/vision/pipeline/crop.ts';
import { pointsIn, withPoints } from '../../src/vision/pipeline/crop-points.ts';
import { builtinRecogniser } from '../../src/vision/pipeline/embed.ts';
import { embedCrop, embedCrops } from '../../src/vision/pipeline/embed-crop.ts';
import { frameOf } from '../../src/vision/pipeline/mesh.ts';
import { preprocessingVersion } from '../../src/vision/pipeline/model.ts';
import { type DrawnFace, draw, meshOf } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const toldOff = 'Embeddings come out otherwise: raise preprocessingVersion, and put down here what they are now.';

/** Faces turned, small, large, and near to an edge. */
const faces: readonly DrawnFace[] = [
  { centre: { x: 260, y: 190 }, unit: 38, degrees: 31 },
  { centre: { x: 200, y: 200 }, unit: 60, degrees: -170 },
  { centre: { x: 330, y: 250 }, unit: 25 },
  { centre: { x: 60, y: 330 }, unit: 40, degrees: 5 },
];

/** A face before a pattern that is everywhere another. */
function pictureOf(face: DrawnFace): Pyramid {
  const [width, height] = [500, 400];
  const { data } = draw(width, height, [face]);
  for (let i = 0; i < data.length; i += 3) {
    const [x, y] = [(i / 3) % width, Math.floor(i / 3 / width)];
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 0)
      data.fill(Math.round(75 + 40 * Math.sin(x / 17) + 35 * Math.cos(y / 11)), i, i + 3);
  }
  return new Pyramid({ data, width, height });
}

function areNear(found: readonly number[], wanted: readonly number[], tolerance: number, advice = toldOff): void {
  const isNear = found.length === wanted.length && found.every((one, i) => Math.abs(one - wanted[i]!) <= tolerance);
  assert.ok(isNear, `${advice}\n${found.map((value) => value.toFixed(2)).join(', ')}`);
}

/** A grey crop of 160 pixels. */
async function sharpJpeg(change = (image: Sharp): Sharp => image): Promise<Uint8Array> {
  const image = sharp({ create: { width: 160, height: 160, channels: 3, background: '#876' } });
  return new Uint8Array(await change(image).jpeg().toBuffer());
}

const isRefusal = (refusal: RefusalName) => (error: unknown) => error instanceof Refusal && error.refusal === refusal;

const sample = (input: ArrayLike<number>, step: number) => Array.from({ length: 12 }, (_, i) => input[step * i + 7]!);

test('a face is embedded from its crop as from the picture, wherever it is and however it is turned', async () => {
  const { networks } = seeingNetworks();
  const recogniser = builtinRecogniser(networks.recogniser);
  for (const face of faces) {
    const picture = pictureOf(face);
    const [wanted] = await recogniser.embed(picture, [facePointsOf(meshOf(face))]);
    const crop = await cropFace(picture, meshOf(face));
    const [found] = await embedCrop({ mesher: networks.mesher, recognisers: [recogniser] }, crop);
    assert.ok(dot(found!, wanted!) > 0.98, `${JSON.stringify(face)}: ${dot(found!, wanted!)}`);
  }
});

test('a crop has the points of its face, so that neither detector nor mesh network runs', async () => {
  for (const face of faces) {
    const { networks, shown } = seeingNetworks();
    const crop = await cropFace(pictureOf(face), meshOf(face));
    await embedCrop({ mesher: networks.mesher, recognisers: [builtinRecogniser(networks.recogniser)] }, crop);
    assert.deepEqual([shown.detector.length, shown.mesher.length, shown.recogniser.length], [0, 0, 2]);
    const [found, wanted] = [pointsIn(crop, 192)!, pointsInCrop(meshOf(face), 192)];
    for (const [i, { x, y }] of found.entries())
      assert.ok(Math.hypot(x - wanted[i]!.x, y - wanted[i]!.y) < 0.01, `point ${i}`);
  }
});

test('points change nothing of the picture, and come back whatever JPEG they are put into', async () => {
  const points = facePointsOf(meshOf({ centre: { x: 80, y: 80 }, unit: 30 }));
  for (const jpeg of await Promise.all([sharpJpeg(), sharpJpeg((image) => image.withMetadata())])) {
    const file = withPoints(jpeg, points);
    assert.deepEqual(await sharp(file).raw().toBuffer(), await sharp(jpeg).raw().toBuffer());
    const found = pointsIn(file, 160)!;
    for (const [i, { x, y }] of found.entries()) assert.ok(Math.hypot(x - points[i]!.x, y - points[i]!.y) < 0.01);
  }
});

test('points that are damaged or outside of the crop are passed over, and found anew', async () => {
  const [jpeg, points] = [await sharpJpeg(), facePointsOf(meshOf({ centre: { x: 80, y: 80 }, unit: 30 }))];
  const whole = withPoints(jpeg, points);
  assert.notEqual(pointsIn(whole, 160), undefined);
  assert.equal(pointsIn(jpeg, 160), undefined, 'a crop of before');
  assert.equal(pointsIn(whole, 60), undefined, 'points beyond the edge');
  assert.equal(pointsIn(withPoints(jpeg, points.with(0, { x: -1, y: 80 })), 160), undefined);
  assert.equal(pointsIn(withPoints(jpeg, points.with(0, points[1]!)), 160), undefined, 'both eyes in one place');
  assert.equal(pointsIn(withPoints(jpeg, points.with(2, { x: Number.NaN, y: 80 })), 160), undefined);
  for (let length = 0; length < 150; length++) pointsIn(whole.subarray(0, length), 160);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      pointsIn(noise, 160);
      pointsIn(Buffer.concat([whole.subarray(0, 20), noise]), 160);
    }),
  );
});

test('crops of every side are read: those of before had 160 pixels', async () => {
  const { networks } = seeingNetworks();
  const recogniser = builtinRecogniser(networks.recogniser);
  const [face] = faces;
  const picture = pictureOf(face!);
  const [wanted] = await recogniser.embed(picture, [facePointsOf(meshOf(face!))]);
  for (const side of [160, 192, 320]) {
    const raw = { width: side, height: side, channels: 3 } as const;
    const crop = new Uint8Array(
      await sharp(await cutCrop(picture, meshOf(face!), side), { raw })
        .jpeg()
        .toBuffer(),
    );
    const [found] = await embedCrop({ mesher: networks.mesher, recognisers: [recogniser] }, crop);
    assert.ok(dot(found!, wanted!) > 0.98, `${side}: ${dot(found!, wanted!)}`);
  }
});

test('of several crops each is embedded as alone, and one that is none is refused alone', async () => {
  const { networks } = seeingNetworks();
  const both = { mesher: networks.mesher, recognisers: [builtinRecogniser(networks.recogniser)] };
  const crops = await Promise.all(faces.map((face) => cropFace(pictureOf(face), meshOf(face))));
  const alone = await Promise.all(crops.map((crop) => embedCrop(both, crop)));
  const some = [...crops.slice(0, 2), new Uint8Array(9), ...crops.slice(2)];
  for (const together of [1, 2, 3, 9]) {
    const made = await embedCrops(both, some, { together, isInterrupted: () => false });
    assert.ok(isRefusal('formatInvalid')(made[2]), `${together} at once`);
    assert.deepEqual(made.toSpliced(2, 1), alone, `${together} at once`);
  }
  const [none] = await embedCrops(both, [new Uint8Array(9)], { together: 4, isInterrupted: () => false });
  assert.ok(isRefusal('formatInvalid')(none));
});

test('a face that the network tells nothing of is refused alone, with whichever others it is embedded', async () => {
  const { networks } = seeingNetworks();
  const crops = await Promise.all(faces.map((face) => cropFace(pictureOf(face), meshOf(face))));
  const blind: Network = {
    async run(input, shape) {
      const { embedding } = await networks.recogniser.run(input, shape);
      const length = embedding!.length / shape[0]!;
      // The second face, and its mirror image, if there is one.
      return { embedding: embedding!.map((value, i) => (i >= 2 * length && i < 4 * length ? 0 : value)) };
    },
  };
  const made = await embedCrops({ mesher: networks.mesher, recognisers: [builtinRecogniser(blind)] }, crops, {
    together: 4,
    isInterrupted: () => false,
  });
  assert.deepEqual(
    made.map((one) => one instanceof Refusal && one.refusal),
    [false, 'featureFailed', false, false],
  );
});

test('who is interrupted leaves the other crops, but never the first run', async () => {
  const { networks, shown } = seeingNetworks();
  const both = { mesher: networks.mesher, recognisers: [builtinRecogniser(networks.recogniser)] };
  const crops = await Promise.all(faces.map((face) => cropFace(pictureOf(face), meshOf(face))));
  for (const together of [1, 3])
    assert.equal((await embedCrops(both, crops, { together, isInterrupted: () => true })).length, together);
  const before = shown.recogniser.length;
  const isInterrupted = () => shown.recogniser.length >= before + 2 * 2;
  assert.equal((await embedCrops(both, crops, { together: 1, isInterrupted })).length, 2);
  const embed = () => Promise.reject(new Error('no memory'));
  const broken = { ...both, recognisers: [{ embed, embedTogether: embed }] };
  await assert.rejects(embedCrops(broken, crops, { together: 1, isInterrupted }), /no memory/);
});

test('the frame of a face in its crop is the one that the template gives it', () => {
  const { centre, side, angle } = frameInCrop(160);
  // The drawn face is the mean face, so that its frame in a crop of its own is just that.
  const upright: DrawnFace = { centre: { x: 250, y: 200 }, unit: 40 };
  const own = frameOf(meshOf(upright));
  assert.ok(Math.abs(angle) < 0.01 && Math.abs(own.angle) < 0.01);
  assert.ok(Math.abs(centre.x - 80) < 2 && Math.abs(centre.y - 79) < 2, JSON.stringify(centre));
  assert.ok(Math.abs(side - 103.4) < 0.5, `${side}`);
});

test('what is no crop is refused', async () => {
  const { networks } = seeingNetworks();
  const both = { mesher: networks.mesher, recognisers: [builtinRecogniser(networks.recogniser)] };
  const oblong = await sharp({ create: { width: 160, height: 120, channels: 3, background: 'grey' } })
    .jpeg()
    .toBuffer();
  await assert.rejects(embedCrop(both, new Uint8Array(oblong)), isRefusal('formatInvalid'));
  await assert.rejects(embedCrop(both, new Uint8Array(99)), isRefusal('formatInvalid'));
  await assert.rejects(embedCrop(both, new Uint8Array(oblong.subarray(0, 300))), isRefusal('decodeFailed'));
});

test('these values, too, are those of version 3 of the preprocessing', () => assert.equal(preprocessingVersion, 3));

test('crops are cut as ever: those that are kept are read by the same template', async () => {
  const [face] = faces;
  const { format, width, height } = await sharp(await cropFace(pictureOf(face!), meshOf(face!))).metadata();
  assert.deepEqual([format, width, height], ['jpeg', 192, 192]);
  areNear(
    sample(await cutCrop(pictureOf(face!), meshOf(face!), 160), 6397),
    [136.0, 24.0, 85.0, 115.0, 139.0, 38.0, 79.0, 72.0, 62.0, 88.0, 42.0, 141.0],
    1,
    'Crops come out otherwise, but those that are kept have no version: they are read as they are cut now.',
  );
});

test('what the networks are shown of a crop changes only with the version of the preprocessing', async () => {
  const [face] = faces;
  const { networks, shown } = seeingNetworks();
  const raw = { width: 160, height: 160, channels: 3 } as const;
  const crop = await sharp(await cutCrop(pictureOf(face!), meshOf(face!), 160), { raw })
    .png()
    .toBuffer();
  const recogniser = builtinRecogniser(networks.recogniser);
  await embedCrop({ mesher: networks.mesher, recognisers: [recogniser] }, new Uint8Array(crop));
  assert.deepEqual([shown.mesher.length, shown.recogniser.length], [2, 2]);
  areNear(
    sample(shown.mesher[0]!, 9217),
    [139.54, 120.91, 65.93, 25.96, 33.35, 63.73, 66.21, 37.68, 19.42, 51.36, 108.76, 136.5],
    0.3,
  );
  areNear(
    sample(shown.mesher[1]!, 9217),
    [139.5, 120.3, 65.17, 25.85, 33.74, 64.07, 65.98, 37.23, 19.35, 51.61, 109.07, 136.11],
    0.3,
  );
  areNear(
    sample(shown.recogniser[0]!, 3139),
    [131.31, 21.76, 90.38, 84.49, 102.68, 12.75, 117.51, 72.14, 69.88, 17.89, 149.43, 25.17],
    0.3,
  );
});

test('what the recogniser of a pack is shown changes only with the version of the preprocessing', async () => {
  const shown: Float32Array[] = [];
  const network: Network = {
    async run(input, [count]) {
      const length = input.length / count!;
      for (let i = 0; i < count!; i++) shown.push(input.slice(i * length, (i + 1) * length));
      return { out: Float32Array.from({ length: 2 * count! }, (_, i) => 3 + (i % 2)) };
    },
  };
  const plan = {
    file: 'made-up.onnx',
    input: { size: 96, layout: 'NCHW', channels: 'BGR', mean: [100, 110, 120], divisor: [50, 60, 70] },
    alignment: [
      [33, 38],
      [63, 38],
      [48, 55],
      [36, 70],
      [60, 70],
    ],
    dimension: 2,
    mirrored: true,
    centre: [0, 0.1],
  } as const;
  const { embed } = await loadRecogniser({ load: async () => network }, '', structuredClone(plan) as never);
  const [face] = faces;
  // Red grows to the right, green downwards, and blue both ways.
  const data = Uint8Array.from({ length: 500 * 400 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 500, Math.floor(i / 1500)];
    return [x / 2, y / 2, (x + y) / 4][i % 3]!;
  });
  const picture = new Pyramid({ data, width: 500, height: 400 });
  const [embedding] = await embed(picture, [facePointsOf(meshOf(face!))]);
  areNear(
    sample(shown[1]!, 2303),
    [-0.34, -0.28, -0.23, -0.18, -1.14, -0.88, -0.63, -0.37, 0.51, 0.74, 0.59, 0.45],
    0.02,
  );
  areNear(
    sample(shown[2]!, 2303),
    [0.52, 0.59, 0.66, 0.74, -0.55, -0.29, -0.02, 0.25, -0.12, -0.13, -0.26, -0.39],
    0.02,
  );
  areNear([...embedding!], [0.6 / Math.hypot(0.6, 0.7), 0.7 / Math.hypot(0.6, 0.7)], 1e-5);
});
