import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { GraphBuilder, type Value } from '../../../src/vision/models/builder.ts';
import { InferenceSession, Tensor } from '../../../src/vision/models/engine.ts';
import { foldConvolutions } from '../../../src/vision/models/fold.ts';
import { encodeModel, type OnnxGraph } from '../../../src/vision/models/onnx.ts';
import { integerFilters, quantise } from '../../../src/vision/models/quantise.ts';
import type { Weight } from '../../../src/vision/models/weights.ts';
import { face, graphOf, noise, runGraphModel, startTensorflow } from './reference.ts';

const weight = fc.float({ min: -4, max: 4, noNaN: true });

/** A convolution's filters, channels out first. */
const filters = fc
  .record({ out: fc.integer({ min: 1, max: 5 }), deep: fc.integer({ min: 1, max: 9 }) })
  .chain(({ out, deep }) =>
    fc
      .array(weight, { minLength: out * deep, maxLength: out * deep })
      .map((weights) => ({ name: 'filters', dims: [out, deep, 1, 1], data: Float32Array.from(weights) })),
  );

describe('weights as integers', () => {
  it('are off by half a step at most', () => {
    fc.assert(
      fc.property(filters, (given) => {
        const { data, steps } = integerFilters(given, new Float32Array(given.dims[0]!));
        const deep = given.dims[1]!;
        given.data.forEach((value, i) => {
          const step = steps[Math.floor(i / deep)]!;
          assert.ok(Math.abs(data[i]! * step - value) <= 0.5001 * step);
        });
      }),
    );
  });

  it('never overflow 16 bits where two neighbours are multiplied by as much as there is and summed', () => {
    fc.assert(
      fc.property(filters, (given) => {
        const { data } = integerFilters(given, new Float32Array(given.dims[0]!));
        const deep = given.dims[1]!;
        for (let start = 0; start < data.length; start += deep) {
          for (let i = start; i + 1 < start + deep; i += 2) {
            assert.ok(Math.abs(255 * (data[i]! + data[i + 1]!)) < 2 ** 15);
          }
        }
      }),
    );
  });
});

describe('a network in integers', () => {
  const [height, width, channels] = [3, 4, 6];
  const bound = 6;

  /** A 1 × 1 convolution, its factors and offsets, between two clips. */
  function network(wide: Weight, factors: Weight, offsets: Weight): OnnxGraph {
    const builder = new GraphBuilder([height, width, channels]);
    const clip = (x: Value): Value => builder.clamp(x, 0, bound);
    const walk = { stride: 1, padding: 'same' } as const;
    const scaled = builder.combineConstant('Mul', builder.conv(clip(builder.input), wide, undefined, walk), factors);
    const output = clip(builder.combineConstant('Add', scaled, offsets));
    return builder.graph('small', { output: builder.rows(output, [height * width * wide.shape[3]!]) });
  }

  const numbers = (count: number) =>
    fc.array(weight, { minLength: count, maxLength: count }).map((n) => Float32Array.from(n));
  const scene = fc.integer({ min: 1, max: 4 }).chain((out) =>
    fc.record({
      wide: numbers(channels * out).map((data) => ({ shape: [1, 1, channels, out], data })),
      factors: numbers(out).map((data) => ({ shape: [out], data })),
      offsets: numbers(out).map((data) => ({ shape: [out], data })),
      picture: numbers(height * width * channels).map((values) => values.map((value) => 2 * value)),
    }),
  );

  it('answers what it does in floats, but for the roundings of a value, a weight and the answer', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ wide, factors, offsets, picture }) => {
        const plain = network(wide, factors, offsets);
        const [expected, actual] = await Promise.all([plain, quantise(plain)].map((graph) => run(graph, picture)));
        const out = wide.shape[3]!;
        const step = bound / 255;
        expected!.forEach((value, i) => {
          const own = Array.from({ length: channels }, (_, c) =>
            Math.abs(wide.data[c * out + (i % out)]! * factors.data[i % out]!),
          );
          // Neighbours' sum is twice a weight at most.
          const weightStep = (2 * Math.max(...own)) / 127;
          const most = (step / 2) * own.reduce((sum, one) => sum + one, 0) + (weightStep / 2) * bound * channels + step;
          assert.ok(Math.abs(value - actual![i]!) <= most + 1e-4, `${actual![i]} instead of ${value}, within ${most}`);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('has its factors and offsets in the convolution, which changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ wide, factors, offsets, picture }) => {
        const plain = network(wide, factors, offsets);
        const folded = foldConvolutions(plain);
        assert.ok(folded.nodes.every(({ op }) => op !== 'Mul' && op !== 'Add'));
        const [expected, actual] = await Promise.all([plain, folded].map((graph) => run(graph, picture)));
        expected!.forEach((value, i) => {
          assert.ok(Math.abs(value - actual![i]!) < 1e-3);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a convolution as it is whose values somebody else reads too', () => {
    const builder = new GraphBuilder([1, 1, 2]);
    const one = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
    const conv = builder.conv(builder.input, one, undefined, { stride: 1, padding: 'same' });
    const doubled = builder.combineConstant('Mul', conv, { shape: [2], data: Float32Array.of(2, 2) });
    const graph = builder.graph('read twice', { output: builder.combine('Add', conv, doubled) });
    assert.deepEqual(foldConvolutions(graph).nodes, graph.nodes);
  });
});

describe('faceres', () => {
  before(startTensorflow);

  it("computes, before its numbers are made integers, what its authors' TensorFlow.js computes", async () => {
    const graph = await graphOf('faceres');
    for (const picture of [await face('faceres'), noise('faceres')]) {
      const session = await InferenceSession.create(encodeModel(graph));
      const { feature } = await session.run({ input: new Tensor('float32', picture, [1, 224, 224, 3]) });
      const expected = (await runGraphModel('faceres', picture)).feature!;
      expected.forEach((value, i) => {
        assert.ok(Math.abs(value - Number(feature!.data[i])) < 1e-4);
      });
      await session.release();
    }
  });
});

async function run(graph: OnnxGraph, picture: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(encodeModel(graph), { intraOpNumThreads: 1 });
  const dims = graph.inputs[0]!.dims.map((size) => (typeof size === 'string' ? 1 : size));
  const { output } = await session.run({ input: new Tensor('float32', picture, dims) });
  await session.release();
  return output!.data as Float32Array;
}
