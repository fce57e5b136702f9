import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { blazeFace } from '../../src/vision/pipeline/blazeface.ts';
import { type Detection, squareAbout } from '../../src/vision/pipeline/detector.ts';
import { type LocatedFace, locateFaces } from '../../src/vision/pipeline/locate.ts';
import { boxOf } from '../../src/vision/pipeline/mesh.ts';
import { addTinyFaces } from '../../src/vision/pipeline/tiny.ts';
import { type DrawnFace, draw, meshOf, png } from './drawn.ts';
import { type Sight, seeingNetworks } from './networks.ts';

/** A face of so many pixels, the root of its box's area. */
const face = (pixels: number, x: number, y: number): DrawnFace => ({
  centre: { x, y },
  unit: pixels / Math.sqrt(2.69 * 3.22),
});

async function find(width: number, height: number, drawn: readonly DrawnFace[], sight: Sight = {}) {
  const { networks, shown } = seeingNetworks(sight);
  const finder = { detector: blazeFace(networks.detector), mesher: networks.mesher };
  const picture = new Pyramid(draw(width, height, drawn));
  const usual = await locateFaces(finder, picture);
  const looksBefore = shown.detector.length;
  const faces = await addTinyFaces(finder, picture, usual);
  return { usual, faces, looks: shown.detector.length - looksBefore };
}

function areAt(found: readonly LocatedFace[], drawn: readonly DrawnFace[]): void {
  assert.equal(found.length, drawn.length);
  for (const [i, { box }] of found.entries()) {
    const truth = boxOf(meshOf(drawn[i]!));
    const apart = Math.hypot(box.x + box.width / 2 - truth.x - truth.width / 2, box.y - truth.y);
    assert.ok(apart < 0.2 * truth.width && Math.abs(box.width / truth.width - 1) < 0.2, JSON.stringify([box, truth]));
  }
}

test('in a crowd of 600 × 398 each face of 12 and 16 pixels is found, once, though the usual search reports none', async () => {
  const crowd = Array.from({ length: 60 }, (_, i) =>
    face(i < 30 ? 16 + i / 100 : 12 - i / 1000, 40 + 56 * (i % 10), 40 + 60 * Math.floor(i / 10)),
  );
  const { usual, faces, looks } = await find(600, 398, crowd);
  assert.deepEqual([usual.length, looks], [0, 6]);
  areAt(
    faces.toSorted((a, b) => Math.round((a.box.y - b.box.y) / 30) || a.box.x - b.box.x),
    crowd,
  );
});

test('a face is not reported from 9 pixels down', async () => {
  const wide = (pixels: number): DrawnFace => ({ centre: { x: 150, y: 100 }, unit: pixels / 2.69 });
  const scoreOf: Sight['scoreOf'] = ({ sure }) => sure;
  areAt((await find(300, 200, [wide(10)], { scoreOf })).faces, [wide(10)]);
  areAt((await find(300, 200, [wide(8)], { scoreOf })).faces, []);
});

test('beside small faces tiny ones are found, and all are told largest first', async () => {
  const [small, tiny] = [face(35, 200, 150), face(14, 60, 60)];
  const { usual, faces } = await find(400, 300, [tiny, small]);
  areAt(usual, [small]);
  areAt(faces, [small, tiny]);
});

test('a portrait is not searched any closer, although somebody stands far behind', async () => {
  const [large, tiny] = [face(100, 250, 150), face(14, 40, 60)];
  const { faces, looks } = await find(400, 300, [large, tiny]);
  areAt(faces, [large]);
  assert.equal(looks, 0);
});

test('a picture of more than two megapixels is not searched any closer', async () => {
  assert.ok((await find(2000, 1000, [])).looks > 0);
  assert.equal((await find(2000, 1001, [])).looks, 0);
});

/** How many faces are found where a detector is half sure of one, and the mesher answers fit after fit with these presences. */
async function foundWith(presences: readonly number[], score = 0.5): Promise<number> {
  let fits = 0;
  const { networks } = seeingNetworks({ scoreOf: () => score, presenceOf: () => presences[fits++]! });
  const finder = { detector: blazeFace(networks.detector), mesher: networks.mesher };
  return (await addTinyFaces(finder, new Pyramid(draw(250, 200, [face(14, 60, 60)])), [])).length;
}

test('a picture with a side of less than 32 pixels is not searched any closer', async () => {
  assert.equal((await find(64, 31, [face(12, 30, 15)])).looks, 0);
  assert.notEqual((await find(64, 32, [face(12, 30, 15)])).looks, 0);
});

test('whether a detection is a face is decided by the second fit of the mesh', async () => {
  assert.equal(await foundWith([1, 0.55, 1, 0.55, 1, 0.55]), 0);
  assert.equal(await foundWith([0.1, 0.65]), 1);
});

test('a face to which the mesh fits only in a smaller or a larger square is found, too', async () => {
  assert.equal(await foundWith([1, 0, 0, 0.65]), 1);
  assert.equal(await foundWith([1, 0, 1, 0, 0, 0.65]), 1);
});

test('a detection that is less sure than 0.4 is no face, however well the mesh fits', async () => {
  assert.equal(await foundWith([1, 1, 1, 1, 1, 1], 0.39), 0);
  assert.equal(await foundWith([1, 1], 0.41), 1);
});

test('what a closer look sees in a face that is known is not another face', async () => {
  const mesh = meshOf(face(30, 100, 100));
  const known = { box: boxOf(mesh), score: 0.8, mesh };
  const detection: Detection = {
    box: squareAbout({ x: 101, y: 101 }, 13),
    score: 0.9,
    eyes: [
      { x: 98, y: 98 },
      { x: 104, y: 98 },
    ],
  };
  // Points that fill two thirds of the input: each fit is as large as the square it was made in.
  const landmarks = Float32Array.from({ length: 3 * 468 }, (_, i) => 32 + ((i * 37) % 129));
  const mesher = { run: async () => ({ landmarks, flag: Float32Array.of(1) }) };
  const finder = { detector: { detect: async () => [detection] }, mesher };
  const picture = new Pyramid(draw(200, 200, []));
  assert.equal((await addTinyFaces(finder, picture, [])).length, 1, 'alone it would be a face');
  assert.deepEqual(await addTinyFaces(finder, picture, [known]), [known]);
});

test('no more than the 300 best detections are followed up', async () => {
  const detections = Array.from({ length: 320 }, (_, i) => ({
    box: squareAbout({ x: 5 + 12 * (i % 20), y: 5 + 12 * Math.floor(i / 20) }, 10),
    score: 0.4 + i / 1000,
    eyes: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
    ] as const,
  }));
  let fits = 0;
  const mesher = {
    run: async () => {
      fits += 1;
      return { landmarks: new Float32Array(3 * 468), flag: Float32Array.of(0) };
    },
  };
  const finder = { detector: { detect: async () => detections }, mesher };
  assert.deepEqual(await addTinyFaces(finder, new Pyramid(draw(250, 250, [])), []), []);
  assert.equal(fits, 300 * 3 * 2);
});

test('tiny faces are told only to those who ask for them, with attributes if they are among the largest', async () => {
  const drawn = Array.from({ length: 7 }, (_, i) => face(16 - i / 10, 50 + 60 * i, 100));
  const file = await png(480, 200, drawn);
  const limits = { pixelsMax: 1e6, secondsMax: 9 };
  const counts = async (tinyFaces?: boolean) => {
    const wish = { facesMax: 5, parts: ['attributes'], tinyFaces } as const;
    const { faces, others } = await analyzePicture(seeingNetworks().networks, file, wish, limits);
    return [faces.filter(({ attributes }) => attributes.age === 30).length, others.length];
  };
  assert.deepEqual(await counts(), [0, 0]);
  assert.deepEqual(await counts(false), [0, 0]);
  assert.deepEqual(await counts(true), [5, 2]);
});

test('a picture that was shrunk to be looked at has no tiny faces', async () => {
  const width = 8200;
  const file = await png(width, 100, [{ centre: { x: 4000, y: 50 }, unit: 10 }]);
  const { networks, shown } = seeingNetworks();
  const limits = { pixelsMax: 1e6, secondsMax: 9 };
  const looks: number[] = [];
  for (const tinyFaces of [false, true]) {
    shown.detector.length = 0;
    await analyzePicture(networks, file, { facesMax: 5, parts: [], tinyFaces }, limits);
    looks.push(shown.detector.length);
  }
  assert.equal(looks[0], looks[1]);
});
