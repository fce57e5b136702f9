/** Reads TensorFlow Lite files: a FlatBuffers table of named tensors, and their numbers. */
import { openTables } from './flat-table.ts';
import type { Weight } from './weights.ts';

/** The positions of the fields that are read in their tables, in the order of TensorFlow Lite's `schema.fbs`. */
const fields = {
  model: { subgraphs: 2, buffers: 4 },
  subgraph: { tensors: 0 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3 },
  buffer: { data: 0 },
} as const;

/** The schema's number for float32, its default. */
const float32 = 0;

/**
 * Every float32 tensor of the file's only graph that has constant values, by name, in TensorFlow Lite's order:
 * convolutions as channels out, height, width, channels in; depthwise ones as 1, height, width, channels.
 * @throws Error if the bytes are not of a TensorFlow Lite file.
 */
export function readTflite(bytes: Uint8Array): ReadonlyMap<string, Weight> {
  const model = openTables(bytes, 'TFL3');
  const buffers = model.tables(fields.model.buffers);
  const tensors = model.tables(fields.model.subgraphs)[0]?.tables(fields.subgraph.tensors) ?? [];
  const weights = new Map<string, Weight>();
  for (const tensor of tensors) {
    const data = buffers[tensor.uint32(fields.tensor.buffer)]?.bytes(fields.buffer.data);
    if (!data?.length || tensor.uint8(fields.tensor.type) !== float32) continue;
    weights.set(tensor.text(fields.tensor.name), {
      shape: tensor.int32s(fields.tensor.shape),
      // Copied, because the bytes may not be aligned as a typed array needs.
      data: new Float32Array(new Uint8Array(data).buffer),
    });
  }
  return weights;
}
