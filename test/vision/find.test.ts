import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { analyzePicture, finderOf } from '../../src/vision/pipeline/analyze.ts';
import { type Detection, squareAbout } from '../../src/vision/pipeline/detector.ts';
import { findFaces } from '../../src/vision/pipeline/find.ts';
import { boxOf } from '../../src/vision/pipeline/mesh.ts';
import { type DrawnFace, draw, meshOf } from './drawn.ts';
import { nearlyUpright, type Sight, seeingNetworks } from './networks.ts';

/** Finds the faces, with a first look that sees as well as the detector; says how often each of the two was run. */
async function find(width: number, height: number, drawn: readonly DrawnFace[], sight: Sight = {}) {
  const { networks, shown } = seeingNetworks({ glanceScoreOf: nearlyUpright, ...sight });
  const faces = await findFaces(finderOf(networks), new Pyramid(draw(width, height, drawn)));
  return { faces, glances: shown.glancer.length, looks: shown.detector.length, fits: shown.mesher.length };
}

/** Checks that a face was found where it was drawn. */
function isAt(found: { readonly x: number; readonly y: number; readonly width: number }, drawn: DrawnFace): void {
  const truth = boxOf(meshOf(drawn));
  for (const side of ['x', 'y', 'width'] as const)
    assert.ok(Math.abs(found[side] - truth[side]) < 0.06 * truth.width, `${side}: ${found[side]}, not ${truth[side]}`);
}

const large: DrawnFace = { centre: { x: 190, y: 160 }, unit: 44 };
const beside: DrawnFace = { centre: { x: 320, y: 150 }, unit: 27 };

test('a picture of large, sure faces is looked at once, coarsely', async () => {
  const { faces, ...runs } = await find(400, 300, [beside, large]);
  assert.deepEqual(runs, { glances: 1, looks: 0, fits: 2 });
  assert.equal(faces.length, 2);
  isAt(faces[0]!.box, large);
  isAt(faces[1]!.box, beside);
});

test('a first look that leaves a doubt does not count', async () => {
  const doubts: readonly (readonly [string, DrawnFace, Sight])[] = [
    ['the detector is not sure', { ...large, sure: 0.74 }, {}],
    ['nor is the mesh', large, { presenceOf: () => 0.7 }],
    ['the face is small', { ...large, unit: 20 }, { glanceScoreOf: () => 1 }],
    ['nothing is seen', large, { glanceScoreOf: () => 0 }],
    ['somebody may be beside it', large, { glanceScoreOf: ({ eyeDistance }) => (eyeDistance > 14 ? 1 : 0.26) }],
  ];
  for (const [doubt, face, sight] of doubts) {
    const { looks } = await find(400, 300, doubt.startsWith('somebody') ? [face, beside] : [face], sight);
    assert.ok(looks > 0, doubt);
  }
  const { looks } = await find(400, 300, [large, beside], {
    glanceScoreOf: ({ eyeDistance }) => (eyeDistance > 14 ? 1 : 0.24),
  });
  assert.equal(looks, 0, 'what scores still less is no doubt');
});

test('a faint detection that the mesh takes for no face is none; a stronger one is a doubt, and so are three', async () => {
  const ghosts = [60, 330, 200].map((x) => ({ centre: { x, y: 60 }, unit: 20, sure: 0.5 }));
  const seeing = (score: number): Sight => ({
    glanceScoreOf: ({ sure }) => (sure < 0.7 ? score : 1),
    presenceOf: ({ sure }) => (sure < 0.7 ? 0.05 : 1),
  });
  const person = { centre: { x: 200, y: 190 }, unit: 44 };
  for (const [count, score, isEnough] of [
    [2, 0.34, true],
    [3, 0.34, false],
    [1, 0.36, false],
  ] as const) {
    const { looks, faces } = await find(400, 300, [person, ...ghosts.slice(0, count)], seeing(score));
    assert.equal(looks === 0, isEnough, `${count} of ${score}`);
    if (isEnough) assert.equal(faces.length, 1);
  }
});

test('a first look that shows one face twice does not count', async () => {
  const { networks, shown } = seeingNetworks({ presenceOf: () => 1 });
  const { x, y } = large.centre;
  const eyes = [-0.6, 0.6].map((side) => ({ x: x + side * large.unit, y: y - 0.6 * large.unit }));
  const sided = (side: number): Detection => ({
    box: squareAbout({ x, y: y + 0.1 * large.unit }, side * large.unit),
    score: 1,
    eyes: [eyes[0]!, eyes[1]!],
  });
  const glancer = { detect: async () => [sided(2.5), sided(4.9)] };
  await findFaces({ ...finderOf(networks), glancer }, new Pyramid(draw(400, 300, [large])));
  assert.ok(shown.detector.length > 0);
});

test('a picture of less than 160 pixels is looked at as a whole at once', async () => {
  const face = { centre: { x: 80, y: 70 }, unit: 18 };
  assert.equal((await find(159, 140, [face])).glances, 0);
  assert.deepEqual((await find(160, 140, [face])).looks, 0);
});

test('where a pack brings a detector, there is no first look', () => {
  const { networks } = seeingNetworks();
  const detector = { detect: async () => [] };
  assert.deepEqual(Object.keys(finderOf({ ...networks, pack: { detector } })), ['detector', 'mesher']);
});

const [width, height] = [3400, 2200];

/** A large picture of a face before noise from pixel to pixel, as a file of a format. */
async function noisy(face: DrawnFace, format: 'jpeg' | 'png'): Promise<Uint8Array> {
  const { data } = draw(width, height, [face]);
  let state = 1;
  for (let i = 0; i < data.length; i += 3) {
    state = (state * 48271) % 2147483647;
    const isDot = Math.max(data[i]!, data[i + 1]!, data[i + 2]!) > 0;
    if (!isDot) data.fill(40 + (state % 2) * 60, i, i + 3);
  }
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  const encoded = format === 'png' ? image.png({ compressionLevel: 0 }) : image.jpeg({ quality: 95 });
  return new Uint8Array(await encoded.toBuffer());
}

/** The face that is found in a file, and how much the describer's input varies. */
async function analyse(file: Uint8Array) {
  const { networks, shown } = seeingNetworks({ glanceScoreOf: nearlyUpright });
  const { faces, ...size } = await analyzePicture(
    networks,
    file,
    { facesMax: 1, parts: ['rawAttributes'] },
    { pixelsMax: 4e7, secondsMax: 60 },
  );
  const [input] = shown.describer;
  const mean = input!.reduce((sum, value) => sum + value, 0) / input!.length;
  const variance = input!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / input!.length;
  return { box: faces[0]!.box, size: [size.width, size.height], deviation: Math.sqrt(variance) };
}

test('a face is told in pixels of the picture that was sent, though the picture is decoded smaller', async () => {
  const face = { centre: { x: 1500, y: 1000 }, unit: 330 };
  const { box, size } = await analyse(await noisy(face, 'jpeg'));
  assert.deepEqual(size, [width, height]);
  isAt(box, face);
});

test('a small face of a large picture is shown to the networks in as much detail as if nothing was decoded smaller', async () => {
  const face = { centre: { x: 2600, y: 700 }, unit: 40 };
  const [jpeg, png] = [await analyse(await noisy(face, 'jpeg')), await analyse(await noisy(face, 'png'))];
  isAt(jpeg.box, face);
  assert.ok(jpeg.deviation > 0.8 * png.deviation, `${jpeg.deviation} beside ${png.deviation}`);
});
