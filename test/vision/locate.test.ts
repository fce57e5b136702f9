import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { blazeFace } from '../../src/vision/pipeline/blazeface.ts';
import { type Detection, squareAbout } from '../../src/vision/pipeline/detector.ts';
import { type LocatedFace, locateFaces } from '../../src/vision/pipeline/locate.ts';
import { boxOf, frameOf } from '../../src/vision/pipeline/mesh.ts';
import { type DrawnFace, draw, meshOf } from './drawn.ts';
import { nearlyUpright, type Sight, seeingNetworks, upright } from './networks.ts';

interface Located {
  readonly faces: readonly LocatedFace[];
  /** How often each network was run. */
  readonly looks: number;
  readonly fits: number;
}

async function locate(width: number, height: number, drawn: readonly DrawnFace[], sight: Sight = {}): Promise<Located> {
  const { networks, shown } = seeingNetworks(sight);
  const picture = new Pyramid(draw(width, height, drawn));
  const faces = await locateFaces({ detector: blazeFace(networks.detector), mesher: networks.mesher }, picture);
  return { faces, looks: shown.detector.length, fits: shown.mesher.length };
}

/** Checks that a face was found where it was drawn, as large, and turned as far. */
function isAt(found: LocatedFace | undefined, drawn: DrawnFace): void {
  assert.ok(found, 'the face is found');
  const [frame, truth] = [frameOf(found.mesh), frameOf(meshOf(drawn))];
  const apart = Math.hypot(frame.centre.x - truth.centre.x, frame.centre.y - truth.centre.y);
  assert.ok(apart < 0.05 * truth.side, `${apart} px apart`);
  assert.ok(Math.abs(frame.side / truth.side - 1) < 0.07, `${frame.side}, not ${truth.side}`);
  assert.ok(Math.cos(frame.angle - truth.angle) > 0.995, `${frame.angle}, not ${truth.angle}`);
  assert.deepEqual(found.box, boxOf(found.mesh));
}

async function finds(
  width: number,
  height: number,
  drawn: readonly DrawnFace[],
  expected: readonly DrawnFace[],
  sight?: Sight,
) {
  const located = await locate(width, height, drawn, sight);
  assert.equal(located.faces.length, expected.length);
  for (const [i, face] of expected.entries()) isAt(located.faces[i], face);
  return located;
}

test('a face turned at 31 degrees is shown upright to the network that confirms it', async () => {
  for (const degrees of [31, -31]) {
    const face = { centre: { x: 300, y: 280 }, unit: 40, degrees };
    const { looks, fits } = await finds(600, 600, [face], [face]);
    assert.deepEqual([looks, fits], [1, 1], 'no other look is needed');
  }
});

test('a face is found wherever it is, however large and however it is turned', async () => {
  const face = fc.record({
    centre: fc.record({ x: fc.integer({ min: 240, max: 360 }), y: fc.integer({ min: 240, max: 360 }) }),
    unit: fc.integer({ min: 14, max: 60 }),
    degrees: fc.integer({ min: -179, max: 180 }),
  });
  await fc.assert(
    fc.asyncProperty(face, async (drawn) => void (await finds(600, 600, [drawn], [drawn]))),
    { numRuns: 12 },
  );
});

test('faces come largest first, whatever their scores', async () => {
  const [small, large, middle] = [20, 45, 30].map((unit, i) => ({
    centre: { x: 110 + 190 * i, y: 200 },
    unit,
    sure: [1, 0.9, 0.95][i]!,
  }));
  await finds(600, 400, [small!, large!, middle!], [large!, middle!, small!]);
});

test('a picture in which a face is surely upright is looked at in no other way', async () => {
  const sure = { centre: { x: 100, y: 110 }, unit: 25, sure: 0.9 };
  const other = { centre: { x: 290, y: 190 }, unit: 30, degrees: 180 };
  const { looks } = await finds(400, 300, [sure, other], [sure]);
  assert.equal(looks, 1);
});

test('a turned look counts if its face is surer than the upright one, and only then', async () => {
  const doubtful = { centre: { x: 100, y: 110 }, unit: 25, sure: 0.75 };
  const turned = { centre: { x: 290, y: 190 }, unit: 30, degrees: 180 };
  await finds(400, 300, [doubtful, turned], [turned]);
  await finds(400, 300, [doubtful, { ...turned, sure: 0.7 }], [doubtful]);
});

test('a turned look that shows fewer faces does not count, however sure it is', async () => {
  const doubtful = [70, 200].map((x) => ({ centre: { x, y: 110 }, unit: 22 + x / 50, sure: 0.75 }));
  const turned = { centre: { x: 320, y: 190 }, unit: 22, degrees: 180 };
  await finds(400, 300, [...doubtful, turned], doubtful.toReversed());
  const both = [turned, { ...turned, centre: { x: 320, y: 70 }, unit: 20 }];
  await finds(400, 300, [...doubtful, ...both], both);
});

test('a face that fills the picture is seen from farther away', async () => {
  const face = { centre: { x: 150, y: 150 }, unit: 75 };
  const { looks } = await finds(300, 300, [face], [face]);
  assert.equal(looks, 2);
});

test('a picture is looked at more closely where a small face was seen, and in it smaller ones are found', async () => {
  const small = { centre: { x: 250, y: 300 }, unit: 28 };
  const smaller = { centre: { x: 600, y: 650 }, unit: 14 };
  const large = { ...small, unit: 32 };
  await finds(1000, 800, [small, smaller], [small, smaller]);
  const { looks } = await finds(1000, 800, [large, smaller], [large]);
  assert.equal(looks, 1);
});

test('a picture is looked at more closely where nothing good was seen', async () => {
  const smaller = { centre: { x: 600, y: 650 }, unit: 14 };
  const doubtful = { centre: { x: 250, y: 300 }, unit: 60, sure: 0.55 };
  await finds(1000, 800, [smaller], [smaller]);
  await finds(1000, 800, [doubtful, smaller], [smaller]);
  await finds(1000, 800, [{ ...doubtful, sure: 0.75 }, smaller], [{ ...doubtful, sure: 0.75 }]);
});

test('a large picture is tiled twice, so that a face of 54 pixels is found in one of 3000', async () => {
  const face = { centre: { x: 2100, y: 400 }, unit: 20 };
  await finds(3000, 800, [face], [face]);
});

test('a small picture is not tiled', async () => {
  const otherLooks = 4;
  const tiles = 3;
  assert.equal((await locate(400, 200, [])).looks, 1 + otherLooks);
  assert.equal((await locate(401, 200, [])).looks, 1 + tiles + otherLooks);
});

test('a face less than 20 pixels wide is too coarse to be told', async () => {
  const wide = (pixels: number) => ({ centre: { x: 150, y: 150 }, unit: pixels / 2.69 });
  await finds(300, 300, [wide(18.5)], []);
  await finds(300, 300, [wide(21.5)], [wide(21.5)]);
});

/** A detector that is sure of faces that lie large before it, and doubts others. */
const doubtsAfar: Sight['scoreOf'] = (face) => (nearlyUpright(face) > 0 ? (face.eyeDistance > 25 ? 0.95 : 0.5) : 0);

test('what is doubtful is looked at again from close by, turned as it was seen', async () => {
  for (const degrees of [0, 31, 180, 90, -90]) {
    const face = { centre: { x: 180, y: 200 }, unit: 24, degrees };

    await finds(400, 400, [face], [face], { scoreOf: doubtsAfar });
  }
});

test('what stays doubtful from close by is no face', async () => {
  for (const [sure, found] of [
    [0.6, 0],
    [0.66, 1],
  ] as const) {
    const { faces } = await locate(400, 400, [{ centre: { x: 180, y: 200 }, unit: 24, sure }]);
    assert.equal(faces.length, found, `${sure}`);
  }
});

test('a second look that shows another face does not confirm the first', async () => {
  const doubtful = { centre: { x: 150, y: 200 }, unit: 20, sure: 0.5 };
  const beside = { centre: { x: 230, y: 200 }, unit: 20, sure: 1 };
  const scoreOf: Sight['scoreOf'] = (face) => (face.sure > 0.8 ? face.sure : face.eyeDistance < 25 ? 0.5 : 0);
  const { fits } = await finds(400, 400, [doubtful, beside], [beside], { scoreOf });
  assert.equal(fits, 2, 'a mesh is fitted to each, once');
});

test('a second look fits the face closer, too, and takes the better fit', async () => {
  const face = { centre: { x: 180, y: 200 }, unit: 24 };
  const close: Sight['presenceOf'] = (seen) => (seen.eyeDistance > 68 ? upright(seen) : 0.5 * upright(seen));
  await finds(400, 400, [face], [face], { presenceOf: close });
  const wide: Sight['presenceOf'] = (seen) => (seen.eyeDistance < 68 ? 0.6 : 0.5) * upright(seen);
  await finds(400, 400, [face], [], { presenceOf: wide });
});

/** The detection that a detector makes of an upright face, larger by a factor. */
function detectionOf({ centre, unit }: DrawnFace, factor = 1, score = 0.9): Detection {
  const eye = (side: number) => ({ x: centre.x + side * unit * 0.6, y: centre.y - 0.6 * unit });
  return {
    box: squareAbout({ x: centre.x, y: centre.y + 0.1 * unit }, factor * 2.52 * unit),
    score,
    eyes: [eye(-1), eye(1)],
  };
}

test('two detections to which the same mesh is fitted are one face, the surer one', async () => {
  const face = { centre: { x: 200, y: 200 }, unit: 30 };
  const { networks } = seeingNetworks({ presenceOf: () => 1 });
  const detect = async () => [detectionOf(face, 1, 0.9), detectionOf(face, 2.2, 0.95)];
  const faces = await locateFaces(
    { detector: { detect }, mesher: networks.mesher },
    new Pyramid(draw(400, 400, [face])),
  );
  assert.deepEqual(
    faces.map(({ score }) => score),
    [0.95],
  );
});

test('no more than the hundred best detections are followed up', async () => {
  const { networks, shown } = seeingNetworks();
  const faces = Array.from({ length: 120 }, (_, i) => ({
    centre: { x: 40 + (i % 12) * 28, y: 40 + Math.floor(i / 12) * 28 },
    unit: 10,
  }));
  let calls = 0;
  const detect = async () => (calls++ === 0 ? faces.map((face, i) => detectionOf(face, 1, 0.3 + i / 1000)) : []);
  assert.deepEqual(
    await locateFaces({ detector: { detect }, mesher: networks.mesher }, new Pyramid(draw(400, 400, []))),
    [],
  );
  assert.equal(shown.mesher.length, 100);
});
