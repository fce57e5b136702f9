import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { loadDetector } from '../../src/vision/packs/detector.ts';
import { layOutInto, shapeOfInput } from '../../src/vision/packs/input.ts';
import { loadRecogniser } from '../../src/vision/packs/recogniser.ts';
import { facePointsOf, placeOn } from '../../src/vision/pipeline/align.ts';
import { detect, wholeTile } from '../../src/vision/pipeline/detect.ts';
import { apply, cropTransform, invert } from '../../src/vision/pipeline/geometry.ts';
import {
  freshFolder,
  scrfdManifest,
  scrfdNetwork,
  thumbnailManifest,
  thumbnailNetwork,
  yunetManifest,
  yunetNetwork,
} from './made-up.ts';

const recogniser = thumbnailManifest('thumbnail').recogniser!;

/** The points of a mesh, five of which lie where `place` carries those of the template. */
function pointsAt(place: (x: number, y: number) => { readonly x: number; readonly y: number }) {
  const points = new Float32Array(468 * 3);
  const anchors = [[33, 133, 159, 145], [263, 362, 386, 374], [1], [61], [291]];
  recogniser.alignment.forEach(([x, y], i) => {
    for (const index of anchors[i]!) {
      const point = place(x + 0.5, y + 0.5);
      points[3 * index] = point.x;
      points[3 * index + 1] = point.y;
    }
  });
  return facePointsOf({ points, presence: 1 });
}

test('whatever the layout, each channel comes to its place, its mean taken off', () => {
  const order = fc.constantFrom('RGB', 'BGR');
  fc.assert(
    fc.property(fc.constantFrom('NCHW', 'NHWC'), order, fc.integer({ min: 1, max: 6 }), (layout, channels, size) => {
      const crop = Float32Array.from({ length: 3 * size * size }, (_, i) => (i * 7) % 256);
      const out = new Float32Array(crop.length);
      layOutInto(out, crop, { size, layout, channels, mean: [10, 20, 30], divisor: [1, 2, 4] });
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
          for (let c = 0; c < 3; c++) {
            const at = layout === 'NCHW' ? (c * size + y) * size + x : (y * size + x) * 3 + c;
            const value = crop[(y * size + x) * 3 + (channels === 'RGB' ? c : 2 - c)]!;
            assert.equal(out[at], Math.fround((value - [10, 20, 30][c]!) / [1, 2, 4][c]!));
          }
    }),
  );
  assert.deepEqual(shapeOfInput({ ...recogniser.input, size: 8 }), [1, 3, 8, 8]);
  assert.deepEqual(shapeOfInput({ ...recogniser.input, size: 8, layout: 'NHWC' }), [1, 8, 8, 3]);
});

test("the aligner lays a face's five points onto the template, wherever the face is and however it is turned", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(number(-500, 500), number(-500, 500), number(20, 900), number(-3, 3), (x, y, side, angle) => {
      const placed = cropTransform(112, { x, y }, side, angle);
      const recovered = placeOn(
        recogniser.alignment,
        pointsAt((u, v) => apply(placed, { x: u, y: v })),
      );
      for (const [u, v] of recogniser.alignment) {
        const back = apply(invert(placed), apply(recovered, { x: u, y: v }));
        assert.ok(Math.hypot(back.x - u, back.y - v) < 0.05, `${u}, ${v} came to ${back.x}, ${back.y}`);
      }
    }),
  );
});

test('a recogniser is given the aligned face as its manifest says, and answers with unit vectors', async (context) => {
  const path = join(await freshFolder(context), 'thumbnail.onnx');
  await writeFile(path, thumbnailNetwork());
  const { embed } = await loadRecogniser(onnxRuntime, path, recogniser);
  // Red grows to the right, green downwards.
  const data = Uint8Array.from(
    { length: 112 * 112 * 3 },
    (_, i) => [2 * (Math.floor(i / 3) % 112), 2 * Math.floor(i / 336), 40][i % 3]!,
  );
  const [embedding] = await embed(new Pyramid({ data, width: 112, height: 112 }), [pointsAt((x, y) => ({ x, y }))]);
  const expected = Array.from({ length: 192 }, (_, i) => {
    const [c, row, column] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8];
    return ([2 * (14 * column + 6.5), 2 * (14 * row + 6.5), 40][c]! - 127.5) / 128;
  });
  const length = Math.hypot(...expected);
  assert.ok(Math.abs(Math.hypot(...embedding!) - 1) < 1e-6);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(embedding![i]! - value / length) < 1e-3, `number ${i}`);
});

test('where the manifest says so, the mirror image counts as much, and what all people have in common is taken off', async (context) => {
  const path = join(await freshFolder(context), 'thumbnail.onnx');
  await writeFile(path, thumbnailNetwork());
  const data = Uint8Array.from(
    { length: 112 * 112 * 3 },
    (_, i) => (Math.floor(i / 3) % 112 < 56 ? 200 : 30) + (i % 3),
  );
  const embedAs = async (change: object): Promise<Float32Array> => {
    const { embed } = await loadRecogniser(onnxRuntime, path, { ...recogniser, ...change });
    return (await embed(new Pyramid({ data, width: 112, height: 112 }), [pointsAt((x, y) => ({ x, y }))]))[0]!;
  };
  const unit = (values: readonly number[]) => values.map((value) => value / Math.hypot(...values));
  const isNear = (found: Float32Array, wanted: readonly number[]) =>
    found.forEach((value, i) => void assert.ok(Math.abs(value - wanted[i]!) < 1e-3, `number ${i}`));
  const plain = await embedAs({});
  // A thumbnail of 8 × 8 of each channel: its mirror image has the columns in reverse.
  const both = unit([...plain].map((value, i) => value + plain[i - 2 * (i % 8) + 7]!));
  isNear(await embedAs({ mirrored: true }), both);
  const centre = Array.from({ length: 192 }, (_, i) => 0.05 * Math.cos(i));
  isNear(await embedAs({ centre }), unit([...plain].map((value, i) => value - centre[i]!)));
  isNear(await embedAs({ mirrored: true, centre }), unit(both.map((value, i) => value - centre[i]!)));
});

test('faces are embedded together as one by one, whether or not the network takes several at once', async (context) => {
  const folder = await freshFolder(context);
  /** Another picture for each face. */
  const faces = Array.from({ length: 3 }, (_, face) => {
    const data = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => (i * (face + 3)) % 251);
    return { picture: new Pyramid({ data, width: 112, height: 112 }), points: pointsAt((x, y) => ({ x, y })) };
  });
  for (const batch of ['N', 1]) {
    const path = join(folder, `thumbnail-${batch}.onnx`);
    await writeFile(path, thumbnailNetwork(batch));
    const network = await onnxRuntime.load(path);
    assert.equal(network.runTogether !== undefined, batch === 'N', 'what the network says of itself');
    const { embed, embedTogether } = await loadRecogniser(onnxRuntime, path, { ...recogniser, mirrored: true });
    const alone: Float32Array[] = [];
    for (const { picture, points } of faces) alone.push(...(await embed(picture, [points])));
    // The first times it is tried which way is better.
    for (let i = 0; i < 5; i++) assert.deepEqual(await embedTogether(faces), alone);
    const { fc1 } = await (network.runTogether ?? network.run)(new Float32Array(2 * 3 * 112 ** 2), [2, 3, 112, 112]);
    assert.equal(fc1!.length, 2 * 192);
  }
});

test('a network that is not what its manifest says is not loaded', async (context) => {
  const path = join(await freshFolder(context), 'network.onnx');
  await writeFile(path, thumbnailNetwork());
  const load = (change: object) => loadRecogniser(onnxRuntime, path, { ...recogniser, ...change });
  await assert.rejects(load({ dimension: 128 }), /gives 192 numbers, but its manifest speaks of 128/);
  await assert.rejects(load({ output: 'embedding' }), /has no output embedding/);
  await assert.rejects(load({ input: { ...recogniser.input, layout: 'NHWC' } }));
  const { detector } = yunetManifest('no-yunet', thumbnailNetwork(), 112);
  const plan = { ...detector!, input: recogniser.input };
  await assert.rejects(loadDetector(onnxRuntime, path, plan), /is no YuNet/);
  const scrfd = { ...scrfdManifest('no-scrfd', thumbnailNetwork(), 112).detector!, input: recogniser.input };
  await assert.rejects(loadDetector(onnxRuntime, path, scrfd), /is no SCRFD with five points: 448 has no numbers/);
});

test('a YuNet in the place of the detector finds what its outputs say, each once, in pixels of the picture', async (context) => {
  const network = yunetNetwork(64, 16, 'red', 1.5);
  const path = join(await freshFolder(context), 'y.onnx');
  await writeFile(path, network);
  const yunet = await loadDetector(onnxRuntime, path, yunetManifest('y', network, 64).detector!);
  // In a picture of 256 × 192, whose square starts 32 above it, a place of stride 16 covers 64 pixels.
  const [width, height] = [256, 192];
  const isRed = (x: number, y: number) => x >= 128 && x < 192 && y >= 32 && y < 96;
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    i % 3 === 0 && isRed(Math.floor(i / 3) % width, Math.floor(i / 3 / width)) ? 255 : 0,
  );
  const picture = new Pyramid({ data, width, height });
  const found = await detect(yunet, picture, [wholeTile(picture, 1, 0), wholeTile(picture, 1, 0)]);
  assert.equal(found.length, 1);
  const { box, score, eyes } = found[0]!;
  assert.ok(score > 0.9, `score ${score}`);
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 0.01, `${a} is not ${b}`);
  near(box.x, 160 - 48);
  near(box.y, 64 - 48);
  near(box.width, 96);
  near(box.height, 96);
  near(eyes[0].x, 144);
  near(eyes[1].x, 176);
  near(eyes[0].y, 64);
});

test('a SCRFD in the place of the detector finds what its outputs say, each once, in pixels of the picture', async (context) => {
  const network = scrfdNetwork(64, 16);
  const path = join(await freshFolder(context), 'y.onnx');
  await writeFile(path, network);
  const scrfd = await loadDetector(onnxRuntime, path, scrfdManifest('s', network, 64).detector!);
  // In a picture of 256 × 192, whose square starts 32 above it, a place of stride 16 covers 64 pixels.
  const [width, height] = [256, 192];
  const isRed = (x: number, y: number) => x >= 128 && x < 192 && y >= 32 && y < 96;
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    i % 3 === 0 && isRed(Math.floor(i / 3) % width, Math.floor(i / 3 / width)) ? 255 : 0,
  );
  const picture = new Pyramid({ data, width, height });
  const found = await detect(scrfd, picture, [wholeTile(picture, 1, 0), wholeTile(picture, 1, 0)]);
  assert.equal(found.length, 1);
  const { box, score, eyes } = found[0]!;
  assert.ok(score > 0.9 && score <= 1, `score ${score}`);
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 0.01, `${a} is not ${b}`);
  // The corner of the place is (128, 32). The face is 2 strides wide and 3 high, and its middle half a stride off either way.
  near(box.width, 192);
  near(box.height, 192);
  near(box.x, 128 + 32 - 96);
  near(box.y, 32 + 32 - 96);
  near(eyes[0].x, 128 - 16);
  near(eyes[1].x, 128 + 16);
  near(eyes[0].y, 32);
});
