/**
 * Makes convolutions compute in 8-bit integers. It needs no photographs to calibrate the steps: values that the network
 * itself clips between 0 and a bound get 255 steps up to the bound, and weights get steps by their own maximum.
 * Convolutions of other values stay as they are.
 */
import { foldConvolutions, withoutUnread } from './fold.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx.ts';

/** The largest integer of a clipped value, and of a weight. */
const [valueMax, weightMax] = [255, 127];
/** Biases, in steps of value times weight, stay below this, so that sums fit into 32 bits. */
const biasMax = 2 ** 30;
/** The smallest step: weights that would need a smaller one become 0. */
const stepMin = 2 ** -100;

/** Weights as integers, and the value of one step of each channel. */
export interface IntegerFilters {
  readonly data: Int8Array;
  readonly steps: Float32Array;
}

/** The same network except for rounding errors. */
export function quantise(graph: OnnxGraph): OnnxGraph {
  return new Quantising(foldConvolutions(graph)).result();
}

/**
 * The nearest integers to a convolution's weights, with a step for each output channel. Where channels are summed, two
 * neighbours add up to at most 128: processors without instructions for it (x86 before VNNI) multiply both by up to 255
 * and saturate the sum at 2¹⁵, and must compute the same as all others.
 * @param filters channels out first.
 * @param leastSteps the smallest step allowed, for each channel.
 */
export function integerFilters({ dims, data }: OnnxTensor, leastSteps: ArrayLike<number>): IntegerFilters {
  const channels = dims[0]!;
  const length = data.length / channels;
  const steps = new Float32Array(channels);
  const integers = new Int8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const weights = (data as Float32Array).subarray(channel * length, (channel + 1) * length);
    const most = weights.reduce((max, weight, i) => {
      const pair = dims[1]! > 1 && i % 2 === 0 ? weight + (weights[i + 1] ?? 0) : weight;
      return Math.max(max, Math.abs(weight), Math.abs(pair));
    }, 0);
    steps[channel] = Math.max(most / weightMax, leastSteps[channel]!, stepMin);
    weights.forEach((weight, i) => {
      integers[channel * length + i] = Math.round(weight / steps[channel]!);
    });
  }
  return { data: integers, steps };
}

/** One pass over a graph whose nodes come after those that they read from. */
class Quantising {
  readonly #graph: OnnxGraph;
  readonly #given: ReadonlyMap<string, OnnxTensor>;
  readonly #nodes: OnnxNode[] = [];
  readonly #made: OnnxTensor[] = [];
  /** The size of one step of each clipped value. */
  readonly #steps = new Map<string, number>();

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#given = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  }

  result(): OnnxGraph {
    for (const node of this.#graph.nodes) {
      this.#nodes.push(this.#isInteger(node) ? this.#convolution(node) : this.#rounded(node));
      const bound = this.#boundOf(node);
      if (bound !== undefined) this.#round(node.outputs[0]!, bound / valueMax);
    }
    return withoutUnread({ ...this.#graph, nodes: this.#nodes, tensors: [...this.#graph.tensors, ...this.#made] });
  }

  /** The upper bound of a value that is clipped between 0 and it, and that is not an output of the network. */
  #boundOf({ op, inputs, outputs }: OnnxNode): number | undefined {
    if (op !== 'Clip' || this.#graph.outputs.some(({ name }) => name === outputs[0])) return undefined;
    const [low, high] = [inputs[1]!, inputs[2]!].map((name) => this.#given.get(name)?.data[0]);
    return low === 0 && typeof high === 'number' ? high : undefined;
  }

  /** In other convolutions the runtime does not sum neighbours in memory order. */
  #isInteger({ op, inputs, attributes }: OnnxNode): boolean {
    if (op !== 'Conv' || !this.#steps.has(inputs[0]!)) return false;
    const [, depth, height, width] = this.#given.get(inputs[1]!)!.dims;
    return height === 1 && width === 1 ? attributes.group === undefined : depth === 1;
  }

  #rounded(node: OnnxNode): OnnxNode {
    return { ...node, inputs: node.inputs.map((name) => (this.#steps.has(name) ? roundedName(name) : name)) };
  }

  /** The runtime fuses a convolution and the roundings around it into one integer operation. */
  #round(value: string, step: number): void {
    this.#steps.set(value, step);
    const scale = [
      this.#tensor(`${value}_step`, [], Float32Array.of(step)),
      this.#tensor(`${value}_zero`, [], Uint8Array.of(0)),
    ];
    const integers = `${value}_integers`;
    this.#nodes.push({ op: 'QuantizeLinear', inputs: [value, ...scale], outputs: [integers], attributes: {} });
    this.#nodes.push({
      op: 'DequantizeLinear',
      inputs: [integers, ...scale],
      outputs: [roundedName(value)],
      attributes: {},
    });
  }

  #convolution(node: OnnxNode): OnnxNode {
    const [value, filters, bias] = node.inputs as [string, string, string | undefined];
    const given = this.#given.get(filters)!;
    const step = this.#steps.get(value)!;
    const channels = given.dims[0]!;
    const biases = Array.from({ length: channels }, (_, channel) =>
      bias === undefined ? 0 : Number(this.#given.get(bias)!.data[channel]),
    );
    const { data, steps } = integerFilters(
      given,
      biases.map((one) => Math.abs(one) / (step * biasMax)),
    );
    const products = steps.map((one) => one * step);
    const name = node.outputs[0]!;
    const integerBiases = Int32Array.from(biases, (one, channel) => Math.round(one / products[channel]!));
    return {
      ...node,
      inputs: [
        roundedName(value),
        this.#constant(`${name}_weights`, given.dims, data, steps),
        this.#constant(`${name}_biases`, [channels], integerBiases, products),
      ],
    };
  }

  /** Integers with a step for each channel. */
  #constant(name: string, dims: readonly number[], data: Int8Array | Int32Array, steps: Float32Array): string {
    const zeros = data instanceof Int8Array ? new Int8Array(steps.length) : new Int32Array(steps.length);
    const inputs = [
      this.#tensor(`${name}_integers`, dims, data),
      this.#tensor(`${name}_steps`, [steps.length], steps),
      this.#tensor(`${name}_zeros`, [steps.length], zeros),
    ];
    this.#nodes.push({ op: 'DequantizeLinear', inputs, outputs: [name], attributes: { axis: 0 } });
    return name;
  }

  #tensor(name: string, dims: readonly number[], data: OnnxTensor['data']): string {
    this.#made.push({ name, dims, data });
    return name;
  }
}

function roundedName(value: string): string {
  return `${value}_rounded`;
}
