import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FacePart } from '../../src/domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { type Network, onnxRuntime } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { confineDecoder } from '../../src/vision/pipeline/decode.ts';
import { loadNetworks, type Networks, type Role } from '../../src/vision/pipeline/networks.ts';
import { photograph } from './photographs.ts';

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
let folder: string;
let networks: Networks;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-models-'));
  confineDecoder();
  networks = await loadNetworks(onnxRuntime, (await importNetworks(folder)).networks);
});

after(() => rm(folder, { recursive: true, force: true }));

/** An engine that breaks down. */
const broken: Network = { run: () => Promise.reject(new Error('out of memory')) };

/** A network whose output of the given name comes out as no number. */
const clouded = (network: Network, output: string): Network => ({
  async run(input, shape) {
    const outputs = await network.run(input, shape);
    return { ...outputs, [output]: outputs[output]!.map(() => Number.NaN) };
  },
});

const look = (replaced: Partial<Networks>, parts: readonly FacePart[]): ReturnType<typeof analyzePicture> =>
  analyzePicture({ ...networks, ...replaced }, photograph(3), { facesMax: 1, parts }, limits);

const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

const breakdowns: readonly (readonly [Role, RefusalName])[] = [
  ['detector', 'featureFailed'],
  ['mesher', 'shapeFailed'],
  ['describer', 'featureFailed'],
  ['recogniser', 'featureFailed'],
  ['expresser', 'expressionFailed'],
  ['ager', 'ageFailed'],
];

for (const [role, refusal] of breakdowns) {
  test(`when the ${role} breaks down, the answer is ${refusal} and keeps the cause`, async () => {
    await assert.rejects(look({ [role]: broken }, everything), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.refusal, refusal);
      assert.match(String(error.cause), /out of memory/);
      return true;
    });
  });
}

const cloudings: readonly (readonly [Role, string, RefusalName])[] = [
  ['describer', 'gender', 'genderFailed'],
  ['ager', 'age', 'ageFailed'],
  ['expresser', 'expressions', 'expressionFailed'],
  ['describer', 'feature', 'glassFailed'],
];

for (const [role, output, refusal] of cloudings) {
  test(`when the ${role}'s ${output} is no number, the answer is ${refusal}`, async () => {
    await assert.rejects(look({ [role]: clouded(networks[role], output) }, ['attributes']), { refusal });
  });
}

test('an embedding that is no number is refused, never kept', async () => {
  await assert.rejects(look({ recogniser: clouded(networks.recogniser, 'embedding') }, ['embedding']), {
    refusal: 'featureFailed',
  });
});

test('what was not asked for is not computed: its network may be broken', async () => {
  const { faces } = await look({ describer: broken, recogniser: broken, expresser: broken, ager: broken }, [
    'shape',
    'crop',
  ]);
  assert.deepEqual(Object.keys(faces[0]!).sort(), ['box', 'crop', 'shape']);
  const [known] = (await look({ describer: broken, expresser: broken, ager: broken }, ['embedding'])).faces;
  assert.deepEqual(Object.keys(known!).sort(), ['box', 'embedding']);
});
