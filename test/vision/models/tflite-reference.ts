/** Runs a TensorFlow Lite file as it stands, operation by operation, in TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core';
import { openTables, type Table } from '../../../src/vision/models/flat-table.ts';

/** The operations that our file has, by their numbers in TensorFlow Lite's `schema.fbs`. */
const operations: Readonly<Record<number, (inputs: tf.Tensor[], options: Table) => tf.Tensor>> = {
  0: ([a, b]) => tf.add(a!, b!),
  3: ([x, filters, bias], options) => {
    const weights = tf.transpose(filters as tf.Tensor4D, [1, 2, 3, 0]);
    return tf.add(tf.conv2d(x as tf.Tensor4D, weights, options.uint32(2) as number, padding(options)), bias!);
  },
  4: ([x, filters, bias], options) => {
    const weights = tf.transpose(filters as tf.Tensor4D, [1, 2, 3, 0]);
    return tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, weights, options.uint32(2), padding(options)), bias!);
  },
  18: ([a, b]) => tf.mul(a!, b!),
  19: ([x]) => tf.relu(x!),
  22: ([x, shape]) => tf.reshape(x!, [...shape!.dataSync()]),
  41: ([a, b]) => tf.sub(a!, b!),
  101: ([x]) => tf.abs(x!),
};

function padding(options: Table): 'same' | 'valid' {
  return options.uint8(0) === 0 ? 'same' : 'valid';
}

/**
 * The value of a tensor when the network is run.
 * @param wanted the tensor's name; what comes after it is not run.
 */
export async function runTflite(bytes: Uint8Array, input: tf.Tensor, wanted: string): Promise<Float32Array> {
  const model = openTables(bytes, 'TFL3');
  const codes = model.tables(1).map((code) => code.uint8(0));
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0));
  const graph = model.tables(2)[0]!;
  const tensors = graph.tables(0);
  const values = new Map<number, tf.Tensor>([[graph.int32s(1)[0]!, input]]);
  const valueAt = (index: number): tf.Tensor => values.get(index) ?? constantOf(tensors[index]!, buffers);
  for (const operation of graph.tables(3)) {
    const code = codes[operation.uint32(0)]!;
    const operate = operations[code];
    if (!operate) throw new Error(`the file has an operation that is not known here, ${code}`);
    const result = operate(operation.int32s(1).map(valueAt), operation.table(4));
    const [output] = operation.int32s(2) as [number];
    values.set(output, result);
    if (tensors[output]!.text(3) === wanted) return (await result.data()) as Float32Array;
  }
  throw new Error(`the file has no tensor ${wanted}`);
}

function constantOf(tensor: Table, buffers: readonly Uint8Array[]): tf.Tensor {
  const { buffer } = Uint8Array.from(buffers[tensor.uint32(2)]!);
  const whole = tensor.uint8(1) === 2;
  return tf.tensor(whole ? new Int32Array(buffer) : new Float32Array(buffer), tensor.int32s(0));
}
