import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { decodeWeights, type WeightsManifest } from '../../../src/vision/models/weights.ts';

const affine = {
  scale: fc.double({ min: 1e-6, max: 10, noNaN: true }),
  min: fc.double({ min: -10, max: 10, noNaN: true }),
};

/** A kind of weight as a manifest names it, and how many bytes a number takes. */
const kind = fc.oneof(
  fc.constantFrom<[string, undefined, number]>(['float32', undefined, 4], ['int32', undefined, 4]),
  fc.constant<[string, object, number]>(['float32', { dtype: 'float16', original_dtype: 'float32' }, 2]),
  fc.tuple(fc.constant('float32'), fc.record({ dtype: fc.constant('uint8'), ...affine }), fc.constant(1)),
  fc.tuple(fc.constant('float32'), fc.record({ dtype: fc.constant('uint16'), ...affine }), fc.constant(2)),
  fc.tuple(fc.constant('int32'), fc.record({ dtype: fc.constant('uint8'), ...affine }), fc.constant(1)),
);

const entries = fc.array(fc.tuple(kind, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 })), { maxLength: 6 });

describe('unpacking weights', () => {
  before(() => tf.setBackend('cpu'));

  it('gives the numbers that TensorFlow.js gives', () => {
    fc.assert(
      fc.property(entries, fc.integer(), (specs, seed) => {
        const weights = specs.map(([[dtype, quantization], shape], index) => {
          return { name: `weight ${index}`, shape, dtype, ...(quantization && { quantization }) };
        });
        const bytes = somethingLike(
          specs.reduce((sum, [[, , width], shape]) => sum + width * product(shape), 0),
          seed,
        );
        const expected = tf.io.decodeWeights(bytes.buffer, weights as tf.io.WeightsManifestEntry[]);
        const actual = decodeWeights([{ weights }] as WeightsManifest, bytes);
        assert.deepEqual([...actual.keys()], Object.keys(expected));
        for (const [name, { shape, data }] of actual) {
          assert.deepEqual(shape, expected[name]!.shape);
          assert.deepEqual([...data], [...Float32Array.from(expected[name]!.dataSync())]);
        }
      }),
    );
  });

  it('refuses bytes that are fewer or more than the manifest accounts for', () => {
    const manifest = [{ weights: [{ name: 'a', shape: [3], dtype: 'float32' }] }];
    assert.throws(() => decodeWeights(manifest, new Uint8Array(8)), /accounts for 12 bytes of weights, not 8/);
    assert.throws(() => decodeWeights(manifest, new Uint8Array(16)), /accounts for 12 bytes of weights, not 16/);
  });
});

function product(shape: readonly number[]): number {
  return shape.reduce((sum, size) => sum * size, 1);
}

function somethingLike(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => Math.imul(seed ^ index, 2654435761) >>> 24);
}
