import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import type { Analysis, AnalyzedFace, AnalyzeOptions, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { type FaceAnalyzerOptions, openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { faceCounts, photograph } from './photographs.ts';

const deadlineMs = 60_000;
let modelsFolder: string;
let analyzer: FaceAnalyzer & AsyncDisposable;
/** What is seen in the six photographs. */
let analyses: readonly Analysis[];

/** Everything about so many faces. */
const wish = (facesMax: number, signal?: AbortSignal): AnalyzeOptions => ({
  facesMax,
  parts: ['attributes', 'embedding', 'crop', 'shape'],
  signal,
});

const open = (options: Partial<FaceAnalyzerOptions> = {}): Promise<FaceAnalyzer & AsyncDisposable> =>
  openFaceAnalyzer({ modelsFolder, workers: 1, queueMax: 20, deadlineMs, pixelsMax: 40_000_000, ...options });

before(async () => {
  modelsFolder = await mkdtemp(join(tmpdir(), 'familiar-models-'));
  analyzer = await open({ workers: 2 });
  analyses = await Promise.all(faceCounts.map((_, i) => analyzer.analyze(photograph(i + 1), wish(20))));
});

after(async () => {
  await analyzer?.[Symbol.asyncDispose]();
  await rm(modelsFolder, { recursive: true, force: true });
});

const refused =
  (refusal: RefusalName) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.refusal === refusal;

/** One woman who looks into the camera, cut out of the sixth photograph. */
const portrait = (): Sharp => sharp(photograph(6)).extract({ left: 1330, top: 140, width: 520, height: 560 });

/** The largest face of an edited picture. */
async function largest(picture: Sharp): Promise<AnalyzedFace> {
  const { faces } = await analyzer.analyze(new Uint8Array(await picture.jpeg({ quality: 92 }).toBuffer()), wish(1));
  assert.ok(faces[0], 'a face is found');
  return faces[0];
}

const alike = (a: AnalyzedFace, b: AnalyzedFace): number => analyzer.compare(a.embedding, b.embedding).score;

test('every face of the six photographs is found, and nothing else', () => {
  assert.deepEqual(
    analyses.map(({ faces, others }) => faces.length + others.length),
    faceCounts,
  );
});

test('what is told of a face keeps to the contract', () => {
  for (const { width, height, faces } of analyses) {
    for (const { box, attributes, embedding, crop } of faces) {
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height);
      assert.ok(box.width > 100 && box.width < 350 && box.height > 100 && box.height < 350);
      const { glass, ...numbers } = attributes;
      assert.equal(typeof glass, 'boolean');
      const bounds = {
        gender: [0, 100],
        age: [0, 100],
        expression: [0, 100],
        pitch: [-30, 30],
        yaw: [-30, 30],
        roll: [-180, 180],
      };
      for (const [name, [least, most]] of Object.entries(bounds)) {
        const value = numbers[name as keyof typeof numbers];
        assert.ok(Number.isInteger(value) && value >= least! && value <= most!, `${name} ${value}`);
        assert.ok(!Object.is(value, -0));
      }
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
      assert.ok(crop.length > 1000 && crop.length < 20_000);
    }
  }
});

test('the twenty-two women are women, adult, and wear no glasses', () => {
  for (const { attributes } of analyses.flatMap(({ faces }) => faces)) {
    assert.ok(attributes.gender < 50);
    assert.ok(attributes.age >= 18 && attributes.age <= 60);
    assert.equal(attributes.glass, false);
  }
});

test('faces come largest first, and beyond as many as were asked for only their boxes', async () => {
  const area = ({ width, height }: { width: number; height: number }): number => width * height;
  const { faces, others } = await analyzer.analyze(photograph(5), wish(2));
  assert.equal(faces.length, 2);
  assert.equal(others.length, 3);
  const areas = [...faces.map(({ box }) => area(box)), ...others.map(area)];
  // The boxes of further faces come of a first fit, which a second one corrects by a few per cent.
  for (let i = 1; i < areas.length; i++) assert.ok(areas[i]! < areas[i - 1]! * 1.1);
});

test('every stage says how long it took', () => {
  for (const { timings } of analyses) {
    for (const stage of ['queue', 'decode', 'detect', 'landmarks', 'embed', 'attributes']) {
      assert.ok(stage in timings, `${stage} is missing`);
    }
    assert.ok(Object.values(timings).every((ms) => ms >= 0));
  }
});

test('a picture without a face is seen, and shows none', async () => {
  const sky = sharp({ create: { width: 640, height: 480, channels: 3, background: '#7090c0' } });
  const { width, height, faces, others } = await analyzer.analyze(new Uint8Array(await sky.png().toBuffer()), wish(5));
  assert.deepEqual({ width, height, faces, others }, { width: 640, height: 480, faces: [], others: [] });
});

test('a face of 32 pixels is found in a picture of 4000', async () => {
  const small = await portrait().resize({ width: 60 }).png().toBuffer();
  const wall = sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#808080' } });
  const picture = wall.composite([{ input: small, left: 2900, top: 700 }]).jpeg({ quality: 92 });
  const { faces } = await analyzer.analyze(new Uint8Array(await picture.toBuffer()), wish(5));
  assert.equal(faces.length, 1);
  const { x, y, width, height } = faces[0]!.box;
  assert.ok(x > 2900 && y > 700 && x + width < 2960 && y + height < 770, JSON.stringify(faces[0]!.box));
  assert.ok(Math.sqrt(width * height) < 34, `${width} × ${height}`);
});

test('roll follows a picture that is turned, all the way round, and the person stays the same', async () => {
  const upright = await largest(portrait());
  for (const degrees of [-40, -20, 15, 30, 90, 180, 270]) {
    const turned = await largest(sharp(await portrait().png().toBuffer()).rotate(degrees));
    const error = turned.attributes.roll - upright.attributes.roll - degrees;
    assert.ok(Math.abs(((error + 540) % 360) - 180) <= 4, `${turned.attributes.roll} after ${degrees}`);
    assert.ok(Math.abs(turned.attributes.yaw - upright.attributes.yaw) <= 4);
    assert.ok(Math.abs(turned.attributes.pitch - upright.attributes.pitch) <= 4);
    assert.ok(alike(upright, turned) >= 99, `${alike(upright, turned)} after ${degrees}`);
  }
});

test('a mirror turns yaw and roll round and leaves the pitch', async () => {
  for (const number of [3, 4, 5]) {
    const straight = await analyzer.analyze(photograph(number), wish(9));
    const mirror = await analyzer.analyze(
      new Uint8Array(await sharp(photograph(number)).flop().jpeg().toBuffer()),
      wish(9),
    );
    for (const { box, attributes } of straight.faces) {
      const twin = mirror.faces.find((face) => Math.abs(face.box.x - (straight.width - box.x - box.width)) < 30);
      assert.ok(twin, 'the mirrored face is found');
      assert.ok(Math.abs(twin.attributes.yaw + attributes.yaw) <= 6, `yaw ${attributes.yaw} ${twin.attributes.yaw}`);
      assert.ok(Math.abs(twin.attributes.roll + attributes.roll) <= 4);
      assert.ok(Math.abs(twin.attributes.pitch - attributes.pitch) <= 5);
    }
  }
});

test('light, colour, size and compression hardly change who is seen', async () => {
  const plain = await largest(portrait());
  const edits: Record<string, Sharp> = {
    brighter: portrait().modulate({ brightness: 1.25 }),
    darker: portrait().modulate({ brightness: 0.7 }),
    grey: portrait().greyscale(),
    smaller: portrait().resize({ width: 200 }),
    blurred: portrait().blur(1.5),
    compressed: sharp(await portrait().jpeg({ quality: 40 }).toBuffer()),
  };
  for (const [name, edit] of Object.entries(edits)) {
    const similarity = alike(plain, await largest(edit));
    assert.ok(similarity >= 99, `${name}: ${similarity}`);
  }
});

test('two women of one photograph are strangers, one woman in two photographs is not', () => {
  for (const { faces } of analyses) {
    for (const a of faces) for (const b of faces) if (a !== b) assert.ok(alike(a, b) < 80, `${alike(a, b)}`);
  }
  const atNight = analyses[0]!.faces.find(({ box }) => box.x > 1400)!;
  const inTheMiddle = analyses[2]!.faces.find(({ box }) => box.x > 1000 && box.x < 1300)!;
  assert.ok(alike(atNight, inTheMiddle) > 85, `${alike(atNight, inTheMiddle)}`);
});

test('the kept crop shows the same face again', async () => {
  for (const face of analyses.flatMap(({ faces }) => faces)) {
    const again = await analyzer.analyze(face.crop.slice(), wish(1));
    assert.ok(again.faces[0], 'a face is found in the crop');
    // One of the 22 is turned so far that its mesh moves with the least change of a pixel.
    assert.ok(alike(face, again.faces[0]) >= 90, `${alike(face, again.faces[0])}`);
  }
});

test('the same picture gives the same embedding in every process and in every run', async () => {
  await using others = await open();
  assert.equal(others.model, analyzer.model);
  const again = await others.analyze(photograph(3), wish(20));
  assert.deepEqual(
    again.faces.map(({ embedding }) => embedding),
    analyses[2]!.faces.map(({ embedding }) => embedding),
  );
});

test('a picture that lies in a larger buffer is seen, and its neighbours are left alone', async () => {
  const file = photograph(1);
  const larger = new Uint8Array(file.length + 100).fill(7);
  larger.set(file, 50);
  const { faces } = await analyzer.analyze(larger.subarray(50, 50 + file.length), wish(1));
  assert.equal(faces.length, 1);
  assert.equal(larger.length, file.length + 100);
});

test('what is no picture is refused by its code, across the processes', async () => {
  const cases: readonly (readonly [Uint8Array, RefusalName])[] = [
    [new Uint8Array(0), 'pictureMissing'],
    [new TextEncoder().encode('I am no picture'), 'formatInvalid'],
    [Uint8Array.of(0xff, 0xd8), 'decodeFailed'],
    [photograph(1).slice(0, 20_000), 'decodeFailed'],
  ];
  for (const [file, refusal] of cases) await assert.rejects(analyzer.analyze(file, wish(1)), refused(refusal));
});

test('who has gone away before is not looked for, who goes away meanwhile is not kept', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await assert.rejects(analyzer.analyze(photograph(1), wish(1, gone)), /gone/);
  const leaving = new AbortController();
  const look = analyzer.analyze(photograph(1), wish(1, leaving.signal));
  setImmediate(() => leaving.abort(new Error('leaving')));
  await assert.rejects(look, /leaving/);
});

test('a full queue refuses, and takes pictures again when it has room', async () => {
  await using narrow = await open({ queueMax: 1 });
  const looks = await Promise.allSettled([1, 2, 3, 4].map((number) => narrow.analyze(photograph(number), wish(1))));
  assert.deepEqual(
    looks.map((look) => (look.status === 'fulfilled' ? 'seen' : look.reason.refusal)),
    ['seen', 'seen', 'tooManyRequests', 'tooManyRequests'],
  );
  assert.equal((await narrow.analyze(photograph(1), wish(1))).faces.length, 1);
});

test('a picture that takes too long is given up with its worker, and a new one takes over', async () => {
  await using strict = await open();
  mock.timers.enable({ apis: ['setInterval'] });
  const late = strict.analyze(photograph(5), wish(5));
  const refusal = assert.rejects(late, refused('decodeFailed'));
  await new Promise(setImmediate);
  mock.timers.tick(deadlineMs);
  await refusal;
  mock.timers.reset();
  assert.equal((await strict.analyze(photograph(1), wish(1))).faces.length, 1);
});
