import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { facePointsOf } from '../../src/vision/pipeline/align.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { embeddingLength, embeddingOf, recognise } from '../../src/vision/pipeline/embed.ts';
import { preprocessingVersion } from '../../src/vision/pipeline/model.ts';
import { draw, meshOf } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const toldOff = 'Embeddings come out otherwise: raise preprocessingVersion, and put down here what they are now.';
const [width, height] = [500, 400];
const face = { centre: { x: 260, y: 190 }, unit: 38, degrees: 31 };

/** A turned face before a grey pattern. */
function pixels(): Uint8Array {
  const { data } = draw(width, height, [face]);
  for (let i = 0; i < data.length; i += 3) {
    const [x, y] = [(i / 3) % width, Math.floor(i / 3 / width)];
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 0)
      data.fill(Math.round(75 + 40 * Math.sin(x / 17) + 35 * Math.cos(y / 11)), i, i + 3);
  }
  return data;
}

function areNear(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  const isNear = found.every((value, i) => Math.abs(value - wanted[i]!) <= tolerance);
  assert.ok(isNear, `${toldOff}\n${found.map((value) => value.toFixed(6)).join(', ')}`);
}

test('these values are those of version 3 of the preprocessing', () => assert.equal(preprocessingVersion, 3));

test('what the networks are shown on the way to an embedding changes only with the version of the preprocessing', async () => {
  const { networks, shown } = seeingNetworks();
  const file = new Uint8Array(
    await sharp(pixels(), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
  await analyzePicture(networks, file, { facesMax: 1, parts: ['embedding'] }, { pixelsMax: 1e6, secondsMax: 9 });
  const sample = (input: Float32Array, step: number) => Array.from({ length: 12 }, (_, i) => input[step * i + 7]!);
  assert.deepEqual([shown.detector.length, shown.mesher.length, shown.recogniser.length], [1, 2, 2]);
  const whole = [119.77, 84.22, 75.8, 118.68, 32.27, 105.8, 122.43, 8.3, 142.87, 89.41, 29.31, 117.86];
  areNear(sample(shown.detector[0]!, 16_385), whole, 0.05);
  const closeUp = [139.6, 120.46, 65.25, 26.18, 33.81, 64.14, 66.15, 37.16, 19.23, 51.37, 109.16, 136.38];
  areNear(sample(shown.mesher[1]!, 9217), closeUp, 0.05);
  const upright = [131.53, 21.67, 90.59, 84.28, 102.19, 12.54, 117.72, 71.98, 69.65, 17.77, 149.53, 25.37];
  areNear(sample(shown.recogniser[0]!, 3139), upright, 0.05);
});

test('the embedding made of what the recogniser says changes only with the version of the preprocessing', () => {
  const said = Float32Array.from({ length: embeddingLength }, (_, i) => 20 * Math.sin(i * i));
  const mean = Float32Array.from({ length: embeddingLength }, (_, i) => 0.03 * Math.cos(i));
  const embedding = embeddingOf(said, mean)!;
  const who = [-0.02915, -0.096955, -0.06065, 0.001565, -0.051209, -0.055687, -0.110971, 0.044377, 0.102778, -0.051055];
  areNear(
    Array.from({ length: 10 }, (_, i) => embedding[20 * i]!),
    who,
    2e-6,
  );
});

test('what the recogniser says of a face and of its mirror image is added', async () => {
  const picture = new Pyramid({ data: pixels(), width, height });
  const embedding = Float32Array.from({ length: 2 * embeddingLength }, (_, i) => (i < embeddingLength ? i : 1000 * i));
  const [recognised, ...rest] = await recognise({ run: async () => ({ embedding }) }, picture, [
    facePointsOf(meshOf(face)),
  ]);
  assert.deepEqual(rest, []);
  const sums = Array.from({ length: embeddingLength }, (_, i) => i + 1000 * (embeddingLength + i));
  assert.deepEqual([...recognised!], sums);
});

test('the second picture that the recogniser is shown is the mirror image of the first', async () => {
  const { networks, shown } = seeingNetworks();
  await recognise(networks.recogniser, new Pyramid({ data: pixels(), width, height }), [facePointsOf(meshOf(face))]);
  const [first, second] = shown.recogniser;
  for (let i = 0; i < first!.length; i++) {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const mirrored = Math.floor(pixel / 112) * 112 + 111 - (pixel % 112);
    assert.equal(second![3 * mirrored + channel], first![i]);
  }
});
