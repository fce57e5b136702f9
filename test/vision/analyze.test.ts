import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FacePart } from '../../src/domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import type { Network } from '../../src/vision/models/runtime.ts';
import { analyzePicture, type EvaluatedPart } from '../../src/vision/pipeline/analyze.ts';
import type { NetworksWithPack, Role } from '../../src/vision/pipeline/networks.ts';
import { type DrawnFace, png } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
const everything: readonly EvaluatedPart[] = [
  'attributes',
  'embedding',
  'crop',
  'shape',
  'quality',
  'rawAttributes',
  'observed',
];
const face: DrawnFace = { centre: { x: 180, y: 150 }, unit: 30 };
const picture = await png(400, 300, [face]);
const { networks } = seeingNetworks();

const look = (replaced: Partial<NetworksWithPack>, parts: readonly EvaluatedPart[], facesMax = 1) =>
  analyzePicture({ ...networks, ...replaced }, picture, { facesMax, parts }, limits);

/** An engine that breaks down. */
const broken: Network = { run: () => Promise.reject(new Error('out of memory')) };

/** A network one of whose outputs comes out otherwise, from some run on. */
function spoilt(network: Network, output: string, spoil: (value: number, i: number) => number, from = 0): Network {
  let runs = 0;
  return {
    async run(input, shape) {
      const outputs = await network.run(input, shape);
      return runs++ < from ? outputs : { ...outputs, [output]: outputs[output]!.map(spoil) };
    },
  };
}

const breakdowns: readonly (readonly [Role, RefusalName])[] = [
  ['detector', 'featureFailed'],
  ['mesher', 'shapeFailed'],
  ['describer', 'featureFailed'],
  ['recogniser', 'featureFailed'],
  ['expresser', 'expressionFailed'],
  ['ager', 'ageFailed'],
];

test('when a network breaks down, the answer is the refusal of what it makes, and keeps the cause', async () => {
  for (const [role, refusal] of breakdowns) {
    await assert.rejects(look({ [role]: broken }, everything), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.refusal, refusal, role);
      assert.match(String(error.cause), /out of memory/);
      return true;
    });
  }
});

const notANumber = (): number => Number.NaN;
const cloudings: readonly (readonly [Role, string, RefusalName, FacePart])[] = [
  ['describer', 'gender', 'genderFailed', 'attributes'],
  ['ager', 'age', 'ageFailed', 'attributes'],
  ['expresser', 'expressions', 'expressionFailed', 'attributes'],
  ['describer', 'feature', 'glassFailed', 'attributes'],
  ['mesher', 'landmarks', 'shapeFailed', 'shape'],
  ['recogniser', 'embedding', 'featureFailed', 'embedding'],
];

test('when what a network says is no number, the answer is the refusal of what is made of it', async () => {
  for (const [role, output, refusal, part] of cloudings)
    await assert.rejects(look({ [role]: spoilt(networks[role], output, notANumber) }, [part]), { refusal }, output);
});

test('a mesh without depth has no pose, and the answer is poseFailed', async () => {
  const flat = (from: number) =>
    spoilt(networks.mesher, 'landmarks', (value, i) => (i % 3 === 2 ? Number.NaN : value), from);
  for (const from of [0, 1])
    await assert.rejects(look({ mesher: flat(from) }, ['attributes']), { refusal: 'poseFailed' });
  assert.equal((await look({ mesher: flat(0) }, ['shape'])).faces.length, 1, 'its shape is told all the same');
});

test('a pack’s recogniser that breaks down refuses the picture with featureFailed', async () => {
  const embed = () => Promise.reject(new Error('out of memory'));
  await assert.rejects(look({ pack: { recogniser: { embed, embedTogether: embed } } }, ['embedding']), {
    refusal: 'featureFailed',
  });
});

/** Which networks each part needs, beyond the detector and the mesher. */
const needed: Readonly<Record<EvaluatedPart, readonly Role[]>> = {
  attributes: ['describer', 'expresser', 'ager'],
  embedding: ['recogniser'],
  crop: [],
  shape: [],
  quality: ['recogniser'],
  further: [],
  rawAttributes: ['describer'],
  observed: ['describer', 'recogniser', 'expresser', 'ager'],
};

test('for a part no network is run that it does not need, and nothing else is told', async () => {
  for (const part of everything) {
    const { networks, shown } = seeingNetworks();
    const { faces } = await look(networks, [part]);
    assert.deepEqual(Object.keys(faces[0]!).toSorted(), ['box', part].toSorted());
    const run = (['describer', 'recogniser', 'expresser', 'ager'] as const).filter((role) => shown[role].length > 0);
    assert.deepEqual(run.toSorted(), needed[part].toSorted(), part);
  }
});

test('where a pack brings a recogniser, the built-in one is run for the quality alone', async () => {
  const own = Float32Array.of(0.6, 0.8);
  const embed = async () => [own];
  const pack = { recogniser: { embed, embedTogether: embed } };
  for (const [parts, runs] of [
    [['embedding'], 0],
    [['embedding', 'quality'], 2],
    [['quality'], 2],
  ] as const) {
    const { networks, shown } = seeingNetworks();
    const { faces } = await look({ ...networks, pack }, parts);
    assert.equal(shown.recogniser.length, runs, 'the face and its mirror image');
    if (parts[0] === 'embedding') assert.equal(faces[0]!.embedding, own);
  }
});

test('where a pack brings a detector, the built-in one is not run', async () => {
  const { networks, shown } = seeingNetworks();
  let looks = 0;
  const detector = {
    async detect() {
      looks++;
      return [];
    },
  };
  assert.deepEqual((await look({ ...networks, pack: { detector } }, ['crop'])).faces, []);
  assert.deepEqual([shown.detector.length, looks], [0, 5]);
});

test('the largest faces are looked at closely, as many as are asked for; the others are boxes', async () => {
  const units = [20, 34, 26];
  const drawn = units.map((unit, i) => ({ centre: { x: 70 + 130 * i, y: 150 }, unit }));
  const { networks, shown } = seeingNetworks();
  const file = await png(400, 300, drawn);
  const { faces, others, width, height } = await analyzePicture(
    networks,
    file,
    { facesMax: 2, parts: ['embedding'] },
    limits,
  );
  assert.deepEqual([width, height], [400, 300]);
  const isAbout = (box: { x: number; width: number }, i: number) => {
    assert.ok(Math.abs(box.x + box.width / 2 - drawn[i]!.centre.x) < 3, `${box.x + box.width / 2}`);
    assert.ok(Math.abs(box.width / (2.69 * units[i]!) - 1) < 0.05, `${box.width}`);
  };
  assert.deepEqual([faces.length, others.length], [2, 1]);
  isAbout(faces[0]!.box, 1);
  isAbout(faces[1]!.box, 2);
  isAbout(others[0]!, 0);
  assert.equal(shown.recogniser.length, 4, 'two faces and their mirror images');
});

test('more faces than are looked at side by side are all looked at, largest first', async () => {
  const drawn = Array.from({ length: 10 }, (_, i) => ({
    centre: { x: 45 + 77 * (i % 5), y: 80 + 150 * Math.floor(i / 5) },
    unit: 20 + i / 2,
  }));
  const file = await png(400, 300, drawn);
  const counts = async (facesMax: number) => {
    const { faces, others } = await analyzePicture(networks, file, { facesMax, parts: [] }, limits);
    const areas = faces.map(({ box }) => box.width * box.height);
    assert.deepEqual(
      areas,
      areas.toSorted((a, b) => b - a),
    );
    return [faces.length, others.length];
  };
  assert.deepEqual(await counts(9), [9, 1]);
  assert.deepEqual(await counts(8), [8, 2]);
  assert.deepEqual(await counts(50), [10, 0]);
  assert.deepEqual(await counts(0), [0, 10]);
});

test('every stage says how long it took', async () => {
  const { timings } = await look({}, everything);
  assert.deepEqual(Object.keys(timings), ['decode', 'detect', 'landmarks', 'embed', 'attributes', 'finish']);
  assert.ok(Object.values(timings).every((ms) => ms >= 0));
});

test('boxes and shapes are in pixels of the picture that was sent, though it was shrunk to be looked at', async () => {
  const large = { centre: { x: 3000, y: 500 }, unit: 150 };
  const file = await png(8192, 1000, [large]);
  const { faces, width } = await analyzePicture(networks, file, { facesMax: 1, parts: ['shape'] }, limits);
  assert.equal(width, 8192);
  const { box, shape } = faces[0]!;
  assert.ok(Math.abs(box.x + box.width / 2 - 3000) < 10 && Math.abs(box.width - 2.69 * 150) < 12, JSON.stringify(box));
  assert.ok(Math.abs(box.height - 3.22 * 150) < 12);
  const [tip] = shape.nose;
  assert.ok(Math.abs(tip!.x - 3000) < 10 && Math.abs(tip!.y - (500 + 0.07 * 150)) < 10, JSON.stringify(tip));
});
