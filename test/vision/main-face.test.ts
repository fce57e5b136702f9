import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Box, Point } from '../../src/domain/face-analyzer.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import type { Detection } from '../../src/vision/pipeline/detector.ts';
import { type LocatorNetworks, locateFaces } from '../../src/vision/pipeline/locate.ts';
import { isCentredInside, mainFaceOf } from '../../src/vision/pipeline/main-face.ts';
import { pointCount } from '../../src/vision/pipeline/mesh.ts';
import { type DrawnFace, png } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const picture = { width: 1000, height: 800 };
const point = (x: number, y: number): Point => ({ x, y });
const square = (x: number, y: number, side: number): Box => ({ x, y, width: side, height: side });

test('the face that is meant has the largest area inside the picture, whatever the area of its box', () => {
  const [cutOff, person] = [square(-250, 300, 500), square(600, 300, 400)];
  assert.equal(mainFaceOf([cutOff, person], picture), 1, 'half of the larger box is outside');
  assert.equal(mainFaceOf([square(0, 300, 500), person], picture), 0);
});

test('of faces that reach four fifths of the largest area the one nearest the middle is meant', () => {
  const [largest, middle] = [square(0, 0, 100), (side: number) => square(500 - side / 2, 400 - side / 2, side)];
  assert.equal(mainFaceOf([largest, middle(Math.sqrt(8000.1))], picture), 1);
  assert.equal(mainFaceOf([largest, middle(Math.sqrt(7999.9))], picture), 0);
  assert.equal(mainFaceOf([largest, square(400, 0, 100), square(800, 0, 95)], picture), 1);
  assert.equal(mainFaceOf([square(100, 350, 100), square(800, 350, 100)], picture), 0, 'the first of two equally near');
});

test('no face is meant where there is none', () => assert.equal(mainFaceOf([], picture), -1));

test('the face that is meant stays the same in any order of the faces and any size of the picture', () => {
  const box = fc.record({
    x: fc.integer({ min: -200, max: 900 }),
    y: fc.integer({ min: -200, max: 700 }),
    width: fc.integer({ min: 20, max: 600 }),
    height: fc.integer({ min: 20, max: 600 }),
  });
  const boxes = fc.uniqueArray(box, { minLength: 1, maxLength: 6, selector: (one) => JSON.stringify(one) });
  fc.assert(
    fc.property(boxes, fc.constantFrom(0.25, 0.5, 2, 4), (found, factor) => {
      const main = found[mainFaceOf(found, picture)]!;
      const off = ({ x, y, width, height }: Box) => Math.hypot(x + width / 2 - 500, y + height / 2 - 400);
      const tied = found.filter((one) => off(one) === off(main));
      fc.pre(tied.length === 1);
      assert.deepEqual(found.toReversed()[mainFaceOf(found.toReversed(), picture)], main);
      const scaled = ({ x, y, width, height }: Box): Box => ({
        ...{ x: x * factor, y: y * factor },
        ...{ width: width * factor, height: height * factor },
      });
      const size = { width: 1000 * factor, height: 800 * factor };
      assert.deepEqual(found[mainFaceOf(found.map(scaled), size)], main);
    }),
  );
});

test('a face is none if its centre is outside the picture, on any side', () => {
  assert.ok(isCentredInside(square(-50, -50, 100), picture), 'its centre is the corner');
  for (const box of [square(-51, 0, 100), square(0, -51, 100), square(951, 0, 100), square(0, 751, 100)])
    assert.ok(!isCentredInside(box, picture), JSON.stringify(box));
});

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
const analyze = async (width: number, height: number, drawn: readonly DrawnFace[], facesMax: number) => {
  const { networks, shown } = seeingNetworks();
  const analysis = await analyzePicture(
    networks,
    await png(width, height, drawn),
    { facesMax, parts: ['shape'] },
    limits,
  );
  return { ...analysis, fits: shown.mesher.length };
};

test('where one face is analysed it is the one that is meant, and the others follow, largest first', async () => {
  const [bystander, person, small]: DrawnFace[] = [
    { centre: { x: 120, y: 150 }, unit: 55 },
    { centre: { x: 420, y: 200 }, unit: 52 },
    { centre: { x: 700, y: 300 }, unit: 25 },
  ];
  const one = await analyze(840, 400, [bystander!, person!, small!], 1);
  const all = await analyze(840, 400, [bystander!, person!, small!], 5);
  assert.deepEqual([one.faces.length, all.faces.length], [1, 3]);
  const near = ({ x, width }: Box, face: DrawnFace) => Math.abs(x + width / 2 - face.centre.x) < 0.3 * width;
  assert.ok(near(one.faces[0]!.box, person!));
  assert.deepEqual(
    one.others.map((box) => [near(box, bystander!), near(box, small!)]),
    [
      [true, false],
      [false, true],
    ],
  );
  assert.ok(near(all.faces[0]!.box, bystander!), 'a list is largest first');
});

/** A detector that finds a face in a box wherever it is asked, and a mesh network that agrees with it. */
function facesAt(box: Box): LocatorNetworks {
  const [eyeY, eyes] = [box.y + 0.4 * box.height, [box.x + 0.3 * box.width, box.x + 0.7 * box.width]] as const;
  const detection: Detection = { box, score: 0.9, eyes: [point(eyes[0], eyeY), point(eyes[1], eyeY)] };
  // The crop is half as large again as the box, so that the box is the middle 128 of its 192 pixels.
  const landmarks = new Float32Array(3 * pointCount).map((_, i) => [32, 160, 0][i % 3]!);
  landmarks.set([160, 32, 0], 0);
  landmarks.set([32, 96, 0], 3 * 33);
  landmarks.set([160, 96, 0], 3 * 263);
  const answer = { landmarks, flag: Float32Array.of(1) };
  return { detector: { detect: async () => [detection] }, mesher: { run: async () => answer } };
}

test('a face whose centre is outside the picture is not found', async () => {
  const pixels = new Pyramid({ data: new Uint8Array(3 * 600 * 400), width: 600, height: 400 });
  const find = async (x: number, y: number) => (await locateFaces(facesAt(square(x, y, 100)), pixels)).length;
  assert.deepEqual([await find(250, -45), await find(250, -55)], [1, 0]);
  assert.deepEqual([await find(545, 150), await find(555, 150)], [1, 0]);
});
