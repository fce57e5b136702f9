/** Imports TensorFlow.js graph models: a graph of named nodes, read backwards from the requested outputs. */
import { GraphBuilder, type Margins, type Value, type Walk } from './builder.ts';
import type { OnnxGraph } from './onnx.ts';
import { decodeWeights, type Weight, type WeightsManifest } from './weights.ts';

interface Attribute {
  /** Base64 of ASCII text. */
  readonly s?: string;
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
}

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Partial<Record<'padding' | 'strides' | 'ksize' | 'fused_ops', Attribute>>>;
}

/** The `.json` file of a graph model, as far as it is read here. */
export interface GraphModel {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: WeightsManifest;
}

/** The network's name, input and outputs. */
export interface GraphOptions {
  readonly name: string;
  /** Height, width, channels. */
  readonly input: readonly number[];
  /** Output names and the nodes whose values they are. Parts of the graph that none of them needs are left out. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The outputs that are the square roots of their nodes' values; none if absent. */
  readonly roots?: ReadonlySet<string>;
}

/**
 * The network as an ONNX graph.
 * @throws Error if the graph has an operation that is not known here.
 */
export function importGraphModel(model: GraphModel, weights: Uint8Array, wish: GraphOptions): OnnxGraph {
  const reading = new Reading(model, weights, new GraphBuilder(wish.input));
  const outputs = Object.entries(wish.outputs).map(([output, node]) => {
    const value = reading.value(node);
    return [output, wish.roots?.has(output) ? reading.builder.map('Sqrt', value) : value] as const;
  });
  return reading.builder.graph(wish.name, Object.fromEntries(outputs));
}

/** One pass over a graph: every node that an output needs is translated once. */
class Reading {
  readonly builder: GraphBuilder;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #weights: ReadonlyMap<string, Weight>;
  readonly #values = new Map<string, Value>();

  constructor(model: GraphModel, weights: Uint8Array, builder: GraphBuilder) {
    this.builder = builder;
    this.#nodes = new Map(model.modelTopology.node.map((node) => [node.name, node]));
    this.#weights = decodeWeights(model.weightsManifest, weights);
  }

  node(name: string): GraphNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`the graph has no node ${name}`);
    return node;
  }

  /** The output of a node. */
  value(name: string): Value {
    const known = this.#values.get(name);
    if (known) return known;
    const node = this.node(name);
    const translate = operations[node.op];
    if (!translate) throw new Error(`the graph has an operation that cannot be imported, ${node.op} (${name})`);
    const value = translate(this, node);
    this.#values.set(name, value);
    return value;
  }

  /** An input of a node. */
  input(node: GraphNode, index = 0): Value {
    return this.value(inputName(node, index));
  }

  /** A node's constant input, undefined if that is computed. */
  findConstant(node: GraphNode, index: number): Weight | undefined {
    return this.#weights.get(inputName(node, index));
  }

  constant(node: GraphNode, index: number): Weight {
    const weight = this.findConstant(node, index);
    if (!weight) throw new Error(`input ${index} of ${node.name} should be a constant`);
    return weight;
  }
}

type Translate = (reading: Reading, node: GraphNode) => Value;

/** How each operation is translated. */
const operations: Readonly<Record<string, Translate>> = {
  Placeholder: (reading) => reading.builder.input,
  Identity: (reading, node) => reading.input(node),
  Conv2D: (reading, node) =>
    reading.builder.conv(reading.input(node), reading.constant(node, 1), undefined, walk(node)),
  _FusedConv2D: (reading, node) => {
    const [filters, bias] = [reading.constant(node, 1), reading.constant(node, 2)];
    return activate(reading, node, reading.builder.conv(reading.input(node), filters, bias, walk(node)));
  },
  DepthwiseConv2dNative: (reading, node) =>
    reading.builder.depthwise(reading.input(node), reading.constant(node, 1), undefined, walk(node)),
  _FusedMatMul: (reading, node) => {
    const [weights, bias] = [reading.constant(node, 1), reading.constant(node, 2)];
    return activate(reading, node, reading.builder.dense(reading.input(node), weights, bias));
  },
  MaxPool: (reading, node) => {
    const pooled = reading.builder.pool('MaxPool', reading.input(node), side(node, 'ksize'), walk(node));
    return pooled.shape[2]! % blockLength === 0 ? pooled : sameInBlocks(reading.builder, pooled);
  },
  Mean: (reading, node) => reading.builder.mean(reading.input(node)),
  Prelu: (reading, node) => reading.builder.prelu(reading.input(node), reading.constant(node, 1)),
  Sigmoid: (reading, node) => reading.builder.map('Sigmoid', reading.input(node)),
  Softmax: (reading, node) => reading.builder.map('Softmax', reading.input(node)),
  Add: add,
  AddV2: add,
  Mul: (reading, node) => reading.builder.combineConstant('Mul', ...constantLast(reading, node)),
  Relu: clamp,
  Minimum: clamp,
  Maximum: clamp,
  Pad: (reading, node) => {
    const { data } = reading.constant(node, 1);
    const margins: Margins = [1, 2, 3].map((axis) => [data[axis * 2]!, data[axis * 2 + 1]!] as const);
    const isWider = margins.slice(0, 2).every(([before, after]) => before === 0 && after === 0);
    if (isWider) return reading.builder.widen(reading.input(node), ...margins[2]!);
    return reading.builder.pad(reading.input(node), margins);
  },
  Reshape: (reading, node) => {
    const x = reading.input(node);
    const items = x.shape.reduce((product, size) => product * size, 1);
    // The first dimension is the batch size; it is not changed, whatever number the graph has there. Of the others one
    // follows from the size of the input, so that a network of convolutions can be imported for another size of pictures.
    const shape = [...reading.constant(node, 1).data].slice(1);
    const open = Math.max(
      0,
      shape.findIndex((size) => size < 0),
    );
    const known = shape.reduce((product, size, i) => (i === open ? product : product * size), 1);
    return reading.builder.rows(x, shape.with(open, items / known));
  },
};

/**
 * The most channels that the runtime stores together where it computes convolutions. It does not pool channels that are no
 * multiple in that layout, and what is added to the pooled would leave it, too.
 */
const blockLength = 16;

/** The same picture, by a convolution that changes nothing: it is in the layout of convolutions again. */
function sameInBlocks(builder: GraphBuilder, x: Value): Value {
  const channels = x.shape[2]!;
  const ones = { shape: [1, 1, channels, 1], data: new Float32Array(channels).fill(1) };
  return builder.depthwise(x, ones, undefined, { stride: 1, padding: 'valid' });
}

function inputName(node: GraphNode, index: number): string {
  const name = node.input?.[index];
  if (name === undefined) throw new Error(`${node.name} has no input ${index}`);
  return name.replace(/:0$/, '');
}

function add(reading: Reading, node: GraphNode): Value {
  const constants = [0, 1].some((index) => reading.findConstant(node, index));
  if (constants) return reading.builder.combineConstant('Add', ...constantLast(reading, node));
  return reading.builder.combine('Add', reading.input(node, 0), reading.input(node, 1));
}

/** The inputs of a commutative operation, the constant last. */
function constantLast(reading: Reading, node: GraphNode): [Value, Weight] {
  const index = reading.findConstant(node, 0) ? 0 : 1;
  return [reading.input(node, 1 - index), reading.constant(node, index)];
}

/** A run of Relu, Minimum and Maximum is one clamp: relu6 is written as three nodes. */
function clamp(reading: Reading, node: GraphNode): Value {
  let [low, high, from] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, node];
  while (from.op === 'Relu' || from.op === 'Minimum' || from.op === 'Maximum') {
    const bound = from.op === 'Relu' ? 0 : scalar(reading.constant(from, 1), from);
    // Operations further up the chain apply first, so the bounds read so far clamp their bounds.
    if (from.op === 'Minimum') high = Math.max(low, Math.min(high, bound));
    else low = Math.min(high, Math.max(low, bound));
    from = reading.node(inputName(from, 0));
  }
  return reading.builder.clamp(reading.value(from.name), low, high);
}

function scalar({ data }: Weight, node: GraphNode): number {
  if (data.length !== 1) throw new Error(`${node.name} should clamp by one number`);
  return data[0]!;
}

/** What a fused operation does after the bias. */
function activate(reading: Reading, node: GraphNode, x: Value): Value {
  const [bias, activation, ...more] = (node.attr?.fused_ops?.list?.s ?? []).map(atob);
  if (bias !== 'BiasAdd' || more.length > 0) throw new Error(`${node.name} fuses more than is known here`);
  if (activation === undefined) return x;
  if (activation === 'Relu') return reading.builder.relu(x);
  if (activation === 'Prelu') return reading.builder.prelu(x, reading.constant(node, 3));
  throw new Error(`${node.name} has an activation that cannot be imported, ${activation}`);
}

function walk(node: GraphNode): Walk {
  const padding = atob(node.attr?.padding?.s ?? '');
  if (padding !== 'SAME' && padding !== 'VALID')
    throw new Error(`${node.name} is padded in an unknown way, ${padding}`);
  return { stride: side(node, 'strides'), padding: padding === 'SAME' ? 'same' : 'valid' };
}

/** The side of a square given as batch, height, width, channels. */
function side(node: GraphNode, attribute: 'strides' | 'ksize'): number {
  const [batch, height, width, channels] = node.attr?.[attribute]?.list?.i ?? [];
  if (batch !== '1' || channels !== '1' || height !== width) throw new Error(`${node.name} has uneven ${attribute}`);
  return Number(height);
}
