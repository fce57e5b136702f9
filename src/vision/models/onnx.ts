/** Writes ONNX files: the few protobuf messages of onnx.proto that our networks need. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A dimension: a size, or the name of one that is known only when the network runs. */
export type Dimension = number | string;

/** An input or an output of a network. */
export interface OnnxValue {
  readonly name: string;
  /** The values are float32. */
  readonly dims: readonly Dimension[];
}

/** Numbers that are part of the file. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** The class of the array decides the tensor's type. */
  readonly data: Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;
}

/** An attribute's value: a list of integers, an integer, or a float where the operator wants one. */
export type OnnxAttribute = readonly number[] | number | { readonly float: number };

/** One operation. */
export interface OnnxNode {
  readonly op: string;
  /** Names of values or tensors; an empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A whole network; each node comes after the nodes whose outputs it reads. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly tensors: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
}

/** The operator set that the nodes are written in. */
export const opset = 18;

/** The version of the file format, the one that came out with {@link opset}. */
const irVersion = 8;

/** Of onnx.proto's TensorProto.DataType. */
const dataType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

const dataTypesOfArrays = [
  [Float32Array, dataType.float32],
  [Uint8Array, dataType.uint8],
  [Int8Array, dataType.int8],
  [Int32Array, dataType.int32],
  [BigInt64Array, dataType.int64],
] as const;

/** Of onnx.proto's AttributeProto.AttributeType. */
const attributeType = { float: 1, int: 2, ints: 7 } as const;

/** The bytes of the file; the same graph always gives the same bytes. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  writer.tag(2, WireType.LengthDelimited).string('familiar');
  message(writer, 7, () => writeGraph(writer, graph));
  message(writer, 8, () => writer.tag(2, WireType.Varint).int64(opset));
  return writer.finish();
}

function message(writer: BinaryWriter, field: number, body: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, graph.name);
  for (const tensor of graph.tensors) message(writer, 5, () => writeTensor(writer, tensor));
  for (const value of graph.inputs) message(writer, 11, () => writeValue(writer, value));
  for (const value of graph.outputs) message(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  text(writer, 3, node.outputs[0]!);
  text(writer, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => {
      text(writer, 1, name);
      writeAttribute(writer, value);
    });
  }
}

function writeAttribute(writer: BinaryWriter, value: OnnxAttribute): void {
  if (typeof value === 'number') {
    writer.tag(3, WireType.Varint).int64(value);
    writer.tag(20, WireType.Varint).int32(attributeType.int);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    writer.tag(20, WireType.Varint).int32(attributeType.float);
  } else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    writer.tag(20, WireType.Varint).int32(attributeType.ints);
  }
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  const { data } = tensor;
  for (const size of tensor.dims) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(dataTypesOfArrays.find(([kind]) => data instanceof kind)![1]);
  text(writer, 8, tensor.name);
  // Raw data is little-endian by definition, and so is every processor that the runtime is built for.
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(writer: BinaryWriter, value: OnnxValue): void {
  text(writer, 1, value.name);
  message(writer, 2, () => {
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(dataType.float32);
      message(writer, 2, () => {
        for (const size of value.dims) message(writer, 1, () => writeDimension(writer, size));
      });
    });
  });
}

function writeDimension(writer: BinaryWriter, size: Dimension): void {
  if (typeof size === 'string') text(writer, 2, size);
  else writer.tag(1, WireType.Varint).int64(size);
}
