import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pixels } from '../../src/vision/kernels/pixels.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import type { Network } from '../../src/vision/models/runtime.ts';
import { blazeFace } from '../../src/vision/pipeline/blazeface.ts';
import { detect, merge, tilesOf, wholeTile } from '../../src/vision/pipeline/detect.ts';
import { type Detection, middleOf, squareAbout, type Tile } from '../../src/vision/pipeline/detector.ts';

const blank = (width: number, height: number): Pyramid =>
  new Pyramid({ data: new Uint8Array(width * height * 3), width, height } satisfies Pixels);

const nearTo = (found: number, wanted: number, tolerance = 1e-3): void =>
  assert.ok(Math.abs(found - wanted) <= tolerance, `${found} is not ${wanted}`);

/** What BlazeFace answers: nothing but what is put into it. */
function answers(): Record<string, Float32Array> {
  return {
    scores16: new Float32Array(512).fill(-20),
    boxes16: new Float32Array(512 * 16),
    scores8: new Float32Array(384).fill(-20),
    boxes8: new Float32Array(384 * 16),
  };
}

const detectorOf = (outputs: Record<string, Float32Array>) => blazeFace({ run: async () => outputs });

/** A box of 32 × 24 pixels about the anchor's middle, the eyes 5 and 6 pixels to the left and right and 7 above. */
const offsets = [0, 0, 32, 24, -5, -7, 6, -7];

test('an anchor speaks of the place of its cell: two a cell of 16 pixels, six a cell of 32', async () => {
  const outputs = answers();
  // The second anchor of the third cell in the second row; the last of the cell below it in the coarser grid.
  const [fine, coarse] = [2 * (16 + 2) + 1, 6 * (8 + 2) + 5];
  outputs.scores16!.fill(2, fine, fine + 1);
  outputs.boxes16!.set(offsets, 16 * fine);
  outputs.scores8!.fill(3, coarse, coarse + 1);
  outputs.boxes8!.set([1, 2, 10, 20, 0, 0, 0, 0], 16 * coarse);
  const found = await detectorOf(outputs).detect(blank(256, 256), wholeTile(blank(256, 256), 1, 0));
  assert.equal(found.length, 2);
  const [first, second] = found as [Detection, Detection];
  nearTo(first.score, 1 / (1 + Math.exp(-2)), 1e-6);
  // The middles of the cells are at (40, 24) and (80, 48).
  assert.deepEqual(first.box, { x: 24, y: 8, width: 32, height: 32 });
  assert.deepEqual(first.eyes, [
    { x: 35, y: 17 },
    { x: 46, y: 17 },
  ]);
  nearTo(second.score, 1 / (1 + Math.exp(-3)), 1e-6);
  assert.deepEqual(second.box, { x: 71, y: 40, width: 20, height: 20 });
});

test('what a detector sees in a turned tile is told in pixels of the picture', async () => {
  const outputs = answers();
  outputs.scores16!.fill(2, 0, 1);
  // The anchor's middle is at (8, 8) of the tile; the box lies in the middle of the tile's upper half.
  outputs.boxes16!.set([120, 56, 16, 16, 120, 56, 152, 56], 0);
  // A tile of 512 pixels, turned by a quarter clockwise: what is up in it is on the picture's right.
  const tile: Tile = { centre: { x: 300, y: 200 }, side: 512, angle: Math.PI / 2 };
  const [found] = await detectorOf(outputs).detect(blank(600, 400), tile);
  nearTo(middleOf(found!.box).x, 300 + 128);
  nearTo(middleOf(found!.box).y, 200);
  nearTo(found!.box.width, 32);
  nearTo(found!.eyes[0].x, 428);
  nearTo(found!.eyes[1].x, 428);
  nearTo(found!.eyes[1].y, 200 + 64);
});

test('an anchor that is less sure than 0.3 is noise', async () => {
  const logit = (score: number): number => Math.log(score / (1 - score));
  for (const [score, count] of [
    [0.29, 0],
    [0.31, 1],
  ] as const) {
    const outputs = answers();
    outputs.scores16!.fill(logit(score), 0, 1);
    outputs.boxes16!.set(offsets, 0);
    assert.equal((await detectorOf(outputs).detect(blank(9, 9), wholeTile(blank(9, 9), 1, 0))).length, count);
  }
});

test('a detector is shown its tile from −1 to 1, red first', async () => {
  let shown: Float32Array | undefined;
  const network: Network = {
    async run(input, shape) {
      assert.deepEqual(shape, [1, 256, 256, 3]);
      shown = input.slice();
      return answers();
    },
  };
  const data = Uint8Array.from({ length: 256 * 256 * 3 }, (_, i) => [255, 0, 102][i % 3]!);
  const picture = new Pyramid({ data, width: 256, height: 256 });
  await blazeFace(network).detect(picture, wholeTile(picture, 1, 0));
  for (const [i, value] of shown!.entries()) nearTo(value, [1, -1, -0.2][i % 3]!);
});

test('the whole tile is a square about the middle, with the longer side', () => {
  assert.deepEqual(wholeTile(blank(300, 200), 1.5, 0.3), { centre: { x: 150, y: 100 }, side: 450, angle: 0.3 });
  assert.deepEqual(wholeTile(blank(20, 90), 1, 0), { centre: { x: 10, y: 45 }, side: 90, angle: 0 });
});

test('tiles cover the picture and do not leave it, and a face of 0.3 of a side is whole in one of them', () => {
  const length = fc.integer({ min: 50, max: 500 });
  fc.assert(
    fc.property(
      length,
      length,
      fc.integer({ min: 50, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (width, height, side, u, v) => {
        const tiles = tilesOf(blank(width, height), side);
        // A face anywhere in the picture.
        const face = 0.3 * side;
        const [x, y] = [u * Math.max(0, width - face), v * Math.max(0, height - face)];
        const isIn = ({ centre }: Tile): boolean =>
          [
            [centre.x, x, Math.min(width, x + face)],
            [centre.y, y, Math.min(height, y + face)],
          ].every(([middle, from, to]) => from! >= middle! - side / 2 - 1e-9 && to! <= middle! + side / 2 + 1e-9);
        assert.ok(tiles.some(isIn));
        for (const { centre, angle } of tiles) {
          assert.equal(angle, 0);
          for (const [middle, whole] of [
            [centre.x, width],
            [centre.y, height],
          ] as const) {
            if (whole <= side) nearTo(middle, whole / 2, 1e-9);
            else assert.ok(middle - side / 2 >= -1e-9 && middle + side / 2 <= whole + 1e-9);
          }
        }
      },
    ),
  );
});

test('tiles overlap by 0.3 of a side at least, and are as few as that allows', () => {
  const corners = (width: number, height: number) =>
    tilesOf(blank(width, height), 100).map(({ centre, side }) => [centre.x - side / 2, centre.y - side / 2]);
  assert.deepEqual(corners(170, 100), [
    [0, 0],
    [70, 0],
  ]);
  assert.deepEqual(corners(171, 80), [
    [0, -10],
    [35.5, -10],
    [71, -10],
  ]);
  assert.deepEqual(corners(60, 170), [
    [-20, 0],
    [-20, 70],
  ]);
});

const detection = (x: number, y: number, side: number, score: number): Detection => ({
  box: squareAbout({ x, y }, side),
  score,
  eyes: [
    { x: x - 1, y },
    { x: x + 3, y: y - 2 },
  ],
});

test('detections of one face become their mean, weighted by score, with the best score', () => {
  const [one, other, apart] = [detection(100, 100, 40, 0.9), detection(103, 94, 52, 0.3), detection(300, 100, 40, 0.5)];
  const [face, next, ...rest] = merge([other, apart, one]);
  assert.deepEqual(rest, []);
  nearTo(middleOf(face!.box).x, 100.75, 1e-9);
  nearTo(middleOf(face!.box).y, 98.5, 1e-9);
  nearTo(face!.box.width, 43, 1e-9);
  assert.equal(face!.box.height, face!.box.width);
  assert.equal(face!.score, 0.9);
  nearTo(face!.eyes[0].x, 99.75, 1e-9);
  nearTo(face!.eyes[1].x, 103.75, 1e-9);
  nearTo(face!.eyes[1].y, 96.5, 1e-9);
  assert.equal(next!.score, 0.5);
});

test('detections that share less than 0.3 of what they cover are two faces', () => {
  // Squares of 100 that are 54 apart share 46 of 154: 0.2987; 53 apart 47 of 153: 0.307.
  assert.equal(merge([detection(0, 0, 100, 0.9), detection(54, 0, 100, 0.8)]).length, 2);
  assert.equal(merge([detection(0, 0, 100, 0.9), detection(53, 0, 100, 0.8)]).length, 1);
});

test('what is seen in several tiles is told once, best first', async () => {
  const seen = [detection(50, 50, 30, 0.4), detection(150, 50, 30, 0.8), detection(51, 50, 30, 0.6)];
  let call = 0;
  const detector = { detect: async () => [seen[call++]!] };
  const tile = wholeTile(blank(200, 100), 1, 0);
  const found = await detect(detector, blank(200, 100), [tile, tile, tile]);
  assert.deepEqual(
    found.map(({ score }) => score),
    [0.8, 0.6],
  );
});
