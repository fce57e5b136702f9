import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import type { Quality } from '../../src/domain/face-analyzer.ts';
import { faultOf, scoreOf } from '../../src/vision/attributes/quality.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { loadNetworks, type Networks } from '../../src/vision/pipeline/networks.ts';
import { photograph } from './photographs.ts';

let folder: string;
let networks: Networks;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-models-'));
  networks = await loadNetworks(onnxRuntime, (await importNetworks(folder)).networks);
});

after(() => rm(folder, { recursive: true, force: true }));

/** One face of a photograph, about 190 pixels between the outer corners of the eyes, changed in some way. */
async function qualityOf(change: (face: Sharp) => Sharp): Promise<Quality> {
  const face = sharp(photograph(6)).extract({ left: 957, top: 165, width: 600, height: 600 });
  const bytes = await change(face).png().toBuffer();
  const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
  const { faces } = await analyzePicture(networks, bytes, { facesMax: 1, parts: ['quality'] }, limits);
  assert.ok(faces[0], 'the face is found');
  return faces[0].quality;
}

test('a clear face has a high quality and no fault', async () => {
  const { score, fault } = await qualityOf((face) => face);
  assert.ok(score >= 70, `${score}`);
  assert.equal(fault, undefined);
});

const grey = { r: 110, g: 105, b: 100 };
const spoilt: Record<string, { fault: string; change: (face: Sharp) => Sharp }> = {
  'blurred until nobody would know it': { fault: 'blurred', change: (face) => face.blur(9) },
  'as dark as night': { fault: 'dark', change: (face) => face.linear(0.06, 0) },
  'over-exposed': { fault: 'glaring', change: (face) => face.linear(2, 100) },
};

for (const [how, { fault, change }] of Object.entries(spoilt)) {
  test(`a face ${how} has a low quality, and is said to be ${fault}`, async () => {
    const quality = await qualityOf(change);
    assert.ok(quality.score < 50, `${quality.score}`);
    assert.equal(quality.fault, fault);
  });
}

test('a face of which half is hidden has a lower quality', async () => {
  const half = {
    input: { create: { width: 300, height: 600, channels: 3 as const, background: grey } },
    left: 300,
    top: 0,
  };
  const [whole, hidden] = [await qualityOf((face) => face), await qualityOf((face) => face.composite([half]))];
  assert.ok(hidden.score < whole.score - 15, `${hidden.score}, ${whole.score}`);
});

test('the score rises from 0 to 100 with how sure the recogniser is and how sharp the face, whichever is less', () => {
  const length = fc.double({ min: 0, max: 200, noNaN: true });
  const sharpness = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(length, length, sharpness, sharpness, (a, b, s, t) => {
      const less = scoreOf(Math.min(a, b), Math.min(s, t));
      const more = scoreOf(Math.max(a, b), Math.max(s, t));
      assert.ok(less <= more && less >= 0 && more <= 100 && Number.isInteger(less));
    }),
  );
  assert.deepEqual([scoreOf(0, 1), scoreOf(55, 1), scoreOf(200, 1), scoreOf(200, 0.12)], [0, 50, 100, 50]);
});

test('each fault has its symptom, and who has none of them is covered', () => {
  const fine = { eyes: 60, sharpness: 0.4, brightness: 110, brightest: 190, turn: 5 };
  assert.equal(faultOf({ ...fine, eyes: 12 }), 'small');
  assert.equal(faultOf({ ...fine, brightest: 20 }), 'dark');
  assert.equal(faultOf({ ...fine, brightness: 220 }), 'glaring');
  assert.equal(faultOf({ ...fine, sharpness: 0.1 }), 'blurred');
  assert.equal(faultOf({ ...fine, turn: 50 }), 'turned');
  assert.equal(faultOf(fine), 'covered');
  assert.equal(faultOf({ ...fine, eyes: 12, sharpness: 0.1 }), 'small', 'a small face is blurred because it is small');
});
