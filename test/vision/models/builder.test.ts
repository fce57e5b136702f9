import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { GraphBuilder, type Padding, type Value } from '../../../src/vision/models/builder.ts';
import { InferenceSession, Tensor } from '../../../src/vision/models/engine.ts';
import { type GraphModel, importGraphModel } from '../../../src/vision/models/graph-model.ts';
import { encodeModel } from '../../../src/vision/models/onnx.ts';
import type { Weight } from '../../../src/vision/models/weights.ts';

const side = fc.integer({ min: 1, max: 12 });

/** A picture and how a window walks over it; the window fits. */
const scene = fc
  .record({
    shape: fc.tuple(side, side, fc.integer({ min: 1, max: 4 })),
    window: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.constantFrom<Padding>('same', 'valid'),
    out: fc.integer({ min: 1, max: 3 }),
  })
  .filter(({ shape, window, padding }) => padding === 'same' || Math.min(shape[0], shape[1]) >= window);

function numbers(shape: readonly number[], seed: number): Weight {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, index) => Math.sin(seed + index * 1.7)) };
}

/** Runs one operation in ONNX Runtime. */
async function run(input: Weight, operate: (builder: GraphBuilder, x: Value) => Value): Promise<Float32Array> {
  const builder = new GraphBuilder(input.shape);
  const value = operate(builder, builder.input);
  const count = value.shape.reduce((product, size) => product * size, 1);
  return runModel(builder.encode('one operation', { output: builder.rows(value, [count]) }), input);
}

async function runModel(model: Uint8Array, { shape, data }: Weight): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const { output } = await session.run({ input: new Tensor('float32', data, [1, ...shape]) });
  await session.release();
  return output!.data as Float32Array;
}

function assertSame(actual: Float32Array, expected: tf.Tensor): void {
  const wanted = expected.dataSync();
  assert.equal(actual.length, wanted.length);
  // Both add up some hundred products in single precision, each in an order of its own.
  for (const [index, value] of wanted.entries()) {
    const error = Math.abs(value - actual[index]!) / Math.max(1, Math.abs(value));
    assert.ok(error < 1e-4, `${index}: ${actual[index]} instead of ${value}`);
  }
}

function tensor({ shape, data }: Weight): tf.Tensor4D {
  return tf.tensor4d(data, (shape.length === 3 ? [1, ...shape] : shape) as [number, number, number, number]);
}

describe('an operation said in ONNX gives what TensorFlow gives', () => {
  // Not WebAssembly: it gives zeros for some windows that are smaller than their stride.
  before(() => tf.setBackend('cpu'));

  it('a convolution, whatever the sizes, the stride and the padding', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ shape, window, stride, padding, out }) => {
        const [x, filters, bias] = [numbers(shape, 1), numbers([window, window, shape[2], out], 2), numbers([out], 3)];
        const actual = await run(x, (builder, input) => builder.conv(input, filters, bias, { stride, padding }));
        assertSame(actual, tf.add(tf.conv2d(tensor(x), tensor(filters), stride, padding), tf.tensor1d(bias.data)));
      }),
      { numRuns: 60 },
    );
  });

  it('a convolution of each channel by itself', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ shape, window, stride, padding, out }) => {
        const [x, filters] = [numbers(shape, 1), numbers([window, window, shape[2], out], 2)];
        const actual = await run(x, (builder, input) => {
          return builder.depthwise(input, filters, undefined, { stride, padding });
        });
        assertSame(actual, tf.depthwiseConv2d(tensor(x), tensor(filters), stride, padding));
      }),
      { numRuns: 60 },
    );
  });

  it('the largest and the mean of windows', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ shape, window, stride, padding }) => {
        const x = numbers(shape, 1);
        const pool = (op: 'MaxPool' | 'AveragePool') =>
          run(x, (builder, input) => builder.pool(op, input, window, { stride, padding }));
        assertSame(await pool('MaxPool'), tf.maxPool(tensor(x), window, stride, padding));
        assertSame(await pool('AveragePool'), tf.avgPool(tensor(x), window, stride, padding));
      }),
      { numRuns: 60 },
    );
  });

  it('margins of zeros, in the picture and among the channels', async () => {
    const margin = fc.tuple(fc.nat(3), fc.nat(3));
    await fc.assert(
      fc.asyncProperty(scene, fc.tuple(margin, margin, margin), async ({ shape }, margins) => {
        const x = numbers(shape, 1);
        const actual = await run(x, (builder, input) => builder.pad(input, margins));
        assertSame(actual, tf.pad(tensor(x), [[0, 0], ...margins]));
        const wide = await run(x, (builder, input) => builder.widen(input, ...margins[2]));
        assertSame(wide, tf.pad(tensor(x), [[0, 0], [0, 0], [0, 0], margins[2]]));
      }),
      { numRuns: 30 },
    );
  });

  it('a slope for what is negative, one for each channel, above 1 or below', async () => {
    await fc.assert(
      fc.asyncProperty(scene, fc.constantFrom(0.3, 2), async ({ shape }, steepest) => {
        const x = numbers(shape, 1);
        const slopes = numbers([shape[2]], 5);
        slopes.data.set(slopes.data.map((slope) => slope * steepest));
        const actual = await run(x, (builder, input) => builder.prelu(input, slopes));
        assertSame(actual, tf.prelu<tf.Tensor>(tensor(x), tf.tensor1d(slopes.data)));
      }),
      { numRuns: 30 },
    );
  });
});

it('any run of Relu, Minimum and Maximum in a graph clamps as the run does', async () => {
  const step = fc.record({ op: fc.constantFrom('Relu', 'Minimum', 'Maximum'), bound: fc.integer({ min: -3, max: 3 }) });
  const x = { shape: [1, 1, 41], data: Float32Array.from({ length: 41 }, (_, index) => (index - 20) / 4) };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const apply = (value: number, { op, bound }: (typeof steps)[number]) => {
        return op === 'Relu' ? Math.max(value, 0) : op === 'Minimum' ? Math.min(value, bound) : Math.max(value, bound);
      };
      const expected = x.data.map((value) => steps.reduce(apply, value));
      assert.deepEqual(await runModel(clampGraph(steps), x), expected);
    }),
    { numRuns: 60 },
  );
});

it('a graph with an operation that is not known is refused by its name', () => {
  const model: GraphModel = {
    modelTopology: { node: [{ name: 'odd', op: 'Bucketize', input: ['x'] }] },
    weightsManifest: [],
  };
  const wish = { name: 'odd', input: [1, 1, 1], outputs: { output: 'odd' } };
  assert.throws(() => importGraphModel(model, new Uint8Array(), wish), /cannot be imported, Bucketize \(odd\)/);
});

/** A graph of the steps one after the other, laid out as a row. */
function clampGraph(steps: readonly { op: string; bound: number }[]): Uint8Array {
  const nodes = steps.map(({ op }, index) => {
    const before = index === 0 ? 'x' : `step ${index - 1}`;
    return { name: `step ${index}`, op, input: op === 'Relu' ? [before] : [before, `bound ${index}`] };
  });
  const row = { name: 'row', op: 'Reshape', input: [`step ${steps.length - 1}`, 'shape'] };
  const bounds = steps.map((_, index) => ({ name: `bound ${index}`, shape: [], dtype: 'float32' }));
  const model: GraphModel = {
    modelTopology: { node: [{ name: 'x', op: 'Placeholder' }, ...nodes, row] },
    weightsManifest: [{ weights: [...bounds, { name: 'shape', shape: [2], dtype: 'int32' }] }],
  };
  const floats = new Uint8Array(Float32Array.from(steps, ({ bound }) => bound).buffer);
  const weights = Uint8Array.of(...floats, ...new Uint8Array(Int32Array.of(-1, 41).buffer));
  return encodeModel(
    importGraphModel(model, weights, { name: 'clamps', input: [1, 1, 41], outputs: { output: 'row' } }),
  );
}
