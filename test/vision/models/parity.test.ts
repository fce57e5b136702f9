import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type ConvertibleName, convertibleNetworks } from '../../../src/vision/models/pack-catalog.ts';
import {
  face,
  imported,
  noise,
  type Outputs,
  runFaceApi,
  runGraphModel,
  runMobileFaceNet,
  size,
  startTensorflow,
} from './reference.ts';

/** How each network is fed, made of numbers from 0 to 255. */
const feeds: Readonly<Record<ConvertibleName, (numbers: Float32Array) => Float32Array>> = {
  blazeface: aroundZero,
  blazefaceSmall: aroundZero,
  facemesh: (numbers) => numbers.map((value) => value / 255),
  faceres: (numbers) => minusMean(numbers, [103.939, 116.779, 123.68]),
  emotion: aroundZero,
  mobileFaceNet: (numbers) => numbers.map((value) => (value - 127.5) / 128),
  ageGender: faceApiFeed,
  dlibResnet: faceApiFeed,
  faceresRoots: (numbers) => minusMean(numbers, [103.939, 116.779, 123.68]),
};

function aroundZero(numbers: Float32Array): Float32Array {
  return numbers.map((value) => value / 127.5 - 1);
}

function minusMean(numbers: Float32Array, mean: readonly number[]): Float32Array {
  return numbers.map((value, index) => value - mean[index % 3]!);
}

function faceApiFeed(numbers: Float32Array): Float32Array {
  return minusMean(numbers, [122.782, 117.001, 104.298]).map((value) => value / 255);
}

/** What is lost by computing in integers, of the outputs' scale. */
const integersTolerance = 0.2;

function toleranceOf(name: ConvertibleName): number {
  return convertibleNetworks[name].integers ? integersTolerance : 2e-5;
}

/** Asserts that no number is off by more than `tolerance` of its output's scale. */
function assertClose(actual: Outputs, expected: Outputs, tolerance: number): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [output, numbers] of Object.entries(expected)) {
    assert.equal(actual[output]!.length, numbers.length);
    const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // A probability's scale is 1, however unlikely the thing is.
    const scale = probabilities.has(output) ? 1 : largest;
    const off = numbers.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[output]![index]!)), 0);
    assert.ok(off <= tolerance * scale, `${output} is off by ${off} on a scale of ${scale}`);
  }
}

const probabilities = new Set(['flag', 'gender', 'age', 'expressions', 'scores']);

describe('an imported network', () => {
  const run = imported();

  before(startTensorflow);

  function runReference(name: ConvertibleName, numbers: Float32Array): Promise<Outputs> {
    if (convertibleNetworks[name].kind === 'graphModel') return runGraphModel(name, feeds[name](numbers));
    if (name === 'mobileFaceNet') return runMobileFaceNet(feeds[name](numbers));
    return runFaceApi(name, numbers);
  }

  for (const name of Object.keys(convertibleNetworks) as ConvertibleName[]) {
    it(`${name} computes on a face what its authors' TensorFlow.js computes`, async () => {
      const numbers = await face(name);
      assertClose(await run(name, feeds[name](numbers)), await runReference(name, numbers), toleranceOf(name));
    });

    it(`${name} computes on noise what its authors' TensorFlow.js computes`, async () => {
      const numbers = noise(name);
      assertClose(await run(name, feeds[name](numbers)), await runReference(name, numbers), toleranceOf(name));
    });

    it(`${name} gives each of a batch what it gives it alone`, async () => {
      const pictures = [await face(name), noise(name), (await face(name)).toReversed()].map(feeds[name]);
      const batch = new Float32Array(3 * size(name));
      for (const [index, picture] of pictures.entries()) batch.set(picture, index * size(name));
      const together = await run(name, batch);
      for (const [index, picture] of pictures.entries()) {
        const alone = await run(name, picture);
        const part = ([output, { length }]: [string, Float32Array]) =>
          [output, together[output]!.subarray(index * length, (index + 1) * length)] as const;
        assertClose(Object.fromEntries(Object.entries(alone).map(part)), alone, 1e-6);
      }
    });
  }
});
