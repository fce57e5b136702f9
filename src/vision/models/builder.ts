/**
 * Writes TensorFlow's operations as ONNX nodes. TensorFlow stores a picture's channels last and ONNX's convolutions
 * take them first, so pictures are transposed once, at the input, and transposed back only where a network reshapes
 * them into rows.
 */
import { encodeModel, type OnnxAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from './onnx.ts';
import type { Weight } from './weights.ts';

/** The value that one operation passes to another: one item of a batch, the batch dimension left out. */
export interface Value {
  readonly name: string;
  /**
   * Height, width, channels of a picture (stored channels first); or the shape of rows, which never has three
   * dimensions.
   */
  readonly shape: readonly number[];
}

/** Whether a window may reach over the edge (TensorFlow's SAME: odd padding goes to the bottom right) or not (VALID). */
export type Padding = 'same' | 'valid';

/** How a window moves over a picture. */
export interface Walk {
  /** In both directions. */
  readonly stride: number;
  readonly padding: Padding;
}

/** Numbers before and after each of height, width and channels. */
export type Margins = readonly (readonly [before: number, after: number])[];

/** Builds a network whose source holds only weights. Returns the outputs by name. */
export type Architecture = (builder: GraphBuilder, weight: (name: string) => Weight) => Readonly<Record<string, Value>>;

/** Writes one network, operation by operation. */
export class GraphBuilder {
  /** The batch of pictures that the network is given. */
  readonly input: Value;
  readonly #inputShape: readonly number[];
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: OnnxTensor[] = [];

  /** @param inputShape height, width, channels. */
  constructor(inputShape: readonly number[]) {
    this.#inputShape = inputShape;
    const given: Value = { name: 'input', shape: inputShape };
    this.input = this.#node('Transpose', [given], inputShape, { perm: [0, 3, 1, 2] });
  }

  /** @param filters height, width, channels in, channels out. */
  conv(x: Value, filters: Weight, bias: Weight | undefined, walk: Walk): Value {
    const [height, width, , channels] = filters.shape as [number, number, number, number];
    const weights = this.#tensor(transpose(filters, [3, 2, 0, 1]));
    const biases = bias ? [this.#tensor(bias)] : [];
    const { size, attributes } = window(x, [height, width], walk);
    return this.#node('Conv', [x, weights, ...biases], [...size, channels], attributes);
  }

  /** @param filters height, width, channels in, channels out of each channel in. */
  depthwise(x: Value, filters: Weight, bias: Weight | undefined, walk: Walk): Value {
    const [height, width, channels, multiplier] = filters.shape as [number, number, number, number];
    const { data } = transpose(filters, [2, 3, 0, 1]);
    const weights = this.#tensor({ shape: [channels * multiplier, 1, height, width], data });
    const biases = bias ? [this.#tensor(bias)] : [];
    const { size, attributes } = window(x, [height, width], walk);
    const shape = [...size, channels * multiplier];
    return this.#node('Conv', [x, weights, ...biases], shape, { ...attributes, group: channels });
  }

  /** The maximum or the mean of each square window; padding does not count. */
  pool(op: 'MaxPool' | 'AveragePool', x: Value, size: number, walk: Walk): Value {
    const { size: out, attributes } = window(x, [size, size], walk);
    return this.#node(op, [x], [...out, x.shape[2]!], attributes);
  }

  /** The mean over the whole picture, a row of channels. */
  mean(x: Value): Value {
    const channels = x.shape[2]!;
    const pooled = this.#node('GlobalAveragePool', [x], [1, 1, channels]);
    return this.#node('Flatten', [pooled], [channels], { axis: 1 });
  }

  /** @param weights in × out. */
  dense(x: Value, weights: Weight, bias: Weight | undefined): Value {
    const biases = bias ? [this.#tensor(bias)] : [];
    return this.#node('Gemm', [x, this.#tensor(weights), ...biases], [weights.shape[1]!]);
  }

  relu(x: Value): Value {
    return this.#node('Relu', [x], x.shape);
  }

  /** Clips to the range; either end may be infinite. */
  clamp(x: Value, low: number, high: number): Value {
    if (low === 0 && high === Number.POSITIVE_INFINITY) return this.relu(x);
    const limit = (bound: number) =>
      Number.isFinite(bound) ? this.#tensor({ shape: [], data: Float32Array.of(bound) }) : '';
    return this.#node('Clip', [x, limit(low), limit(high)], x.shape);
  }

  /**
   * Written in operations that the runtime computes in the layout of its convolutions. For PRelu it converts the values to
   * another layout and back, which took a third of MobileFaceNet's time. With slopes of 1 at most it is
   * x + max(0, (slope − 1) · x), which goes through memory twice, as the runtime multiplies and clips at once.
   * @param slopes of the negative side, one for each channel.
   */
  prelu(x: Value, slopes: Weight): Value {
    const changed = (change: (slope: number) => number): Weight => ({ ...slopes, data: slopes.data.map(change) });
    if (slopes.data.every((slope) => slope <= 1)) {
      return this.combine(
        'Add',
        this.relu(
          this.combineConstant(
            'Mul',
            x,
            changed((slope) => slope - 1),
          ),
        ),
        x,
      );
    }
    const positive = this.combineConstant(
      'Mul',
      this.relu(x),
      changed((slope) => 1 - slope),
    );
    return this.combine('Add', this.combineConstant('Mul', x, slopes), positive);
  }

  /** Logistic function, square root, or softmax over the last dimension. */
  map(op: 'Sigmoid' | 'Sqrt' | 'Softmax', x: Value): Value {
    return this.#node(op, [x], x.shape, op === 'Softmax' ? { axis: -1 } : {});
  }

  /** Two values of the same shape, number by number. */
  combine(op: 'Add' | 'Sub', x: Value, y: Value): Value {
    if (String(x.shape) !== String(y.shape)) throw new Error(`${op} of ${x.shape} and ${y.shape}`);
    return this.#node(op, [x, y], x.shape);
  }

  /** With a constant: one number, one for each channel, or rows of the same shape. */
  combineConstant(op: 'Add' | 'Mul', x: Value, constant: Weight): Value {
    return this.#node(op, [x, this.#perChannel(x, constant)], x.shape);
  }

  /** Surrounds a picture with zeros, or gives it channels of zeros. */
  pad(x: Value, margins: Margins): Value {
    const channelsFirst = [margins[2]!, margins[0]!, margins[1]!];
    const pads = [0, ...channelsFirst.map(([before]) => before), 0, ...channelsFirst.map(([, after]) => after)];
    const shape = x.shape.map((size, axis) => size + margins[axis]![0] + margins[axis]![1]);
    return this.#node('Pad', [x, this.#integers(pads)], shape);
  }

  /**
   * A picture with channels of zeros before and after its own, none if both are 0: a convolution, so that what follows is
   * computed in the layout of convolutions, which {@link pad} ends.
   */
  widen(x: Value, before: number, after: number): Value {
    const [, , own] = x.shape as [number, number, number];
    const all = before + own + after;
    const data = new Float32Array(own * all);
    for (let channel = 0; channel < own; channel++) data[channel * all + before + channel] = 1;
    return this.conv(x, { shape: [1, 1, own, all], data }, undefined, { stride: 1, padding: 'valid' });
  }

  /** Reshapes a picture into rows in TensorFlow's order, channels innermost; or reshapes rows. */
  rows(x: Value, shape: readonly number[]): Value {
    const flat = isPicture(x) ? this.#node('Transpose', [x], x.shape, { perm: [0, 2, 3, 1] }) : x;
    // A zero leaves the dimension as it is: the batch size.
    return this.#node('Reshape', [flat, this.#integers([0, ...shape])], shape);
  }

  /** The columns from `start` up to `end` of rows. */
  columns(x: Value, start: number, end: number): Value {
    const [starts, ends, axes] = [start, end, -1].map((bound) => this.#integers([bound])) as [string, string, string];
    return this.#node('Slice', [x, starts, ends, axes], x.shape.with(-1, end - start));
  }

  /** The ONNX file of the {@link graph}. */
  encode(name: string, outputs: Readonly<Record<string, Value>>): Uint8Array {
    return encodeModel(this.graph(name, outputs));
  }

  /** The network. It holds every operation that was built, those too that `outputs` does not need. */
  graph(name: string, outputs: Readonly<Record<string, Value>>): OnnxGraph {
    const renamed = new Map(Object.entries(outputs).map(([output, value]) => [value.name, output]));
    const rename = (names: readonly string[]) => names.map((old) => renamed.get(old) ?? old);
    return {
      name,
      inputs: [{ name: 'input', dims: ['N', ...this.#inputShape] }],
      outputs: Object.entries(outputs).map(([output, { shape }]) => ({ name: output, dims: ['N', ...shape] })),
      tensors: this.#tensors,
      nodes: this.#nodes.map((node) => ({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) })),
    };
  }

  #node(
    op: string,
    inputs: readonly (Value | string)[],
    shape: readonly number[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): Value {
    const name = `${op}_${this.#nodes.length}`;
    const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
    this.#nodes.push({ op, inputs: names, outputs: [name], attributes });
    return { name, shape };
  }

  #tensor({ shape, data }: Weight): string {
    const name = `weight_${this.#tensors.length}`;
    this.#tensors.push({ name, dims: shape, data });
    return name;
  }

  #integers(values: readonly number[]): string {
    const name = `integers_${this.#tensors.length}`;
    this.#tensors.push({ name, dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  #perChannel(x: Value, { shape, data }: Weight): string {
    return this.#tensor({ shape: isPicture(x) && data.length > 1 ? [data.length, 1, 1] : shape, data });
  }
}

function isPicture(x: Value): boolean {
  return x.shape.length === 3;
}

/** The attributes of a window, and the height and width of its output. */
function window(x: Value, kernel: readonly [number, number], { stride, padding }: Walk) {
  const sides = kernel.map((length, axis) => {
    const size = x.shape[axis]!;
    const out = padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - length) / stride) + 1;
    const outside = Math.max(0, (out - 1) * stride + length - size);
    return { out, before: Math.floor(outside / 2), after: Math.ceil(outside / 2) };
  });
  const pads = [...sides.map(({ before }) => before), ...sides.map(({ after }) => after)];
  return {
    size: sides.map(({ out }) => out),
    attributes: { kernel_shape: kernel, strides: [stride, stride], pads },
  };
}

/** The four-dimensional weight whose dimension `i` is the given one's `order[i]`. */
function transpose({ shape, data }: Weight, order: readonly [number, number, number, number]): Weight {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const [d0, d1, d2, d3] = order.map((axis) => shape[axis]!) as [number, number, number, number];
  const [s0, s1, s2, s3] = order.map((axis) => steps[axis]!) as [number, number, number, number];
  const turned = new Float32Array(data.length);
  let next = 0;
  for (let a = 0; a < d0; a++)
    for (let b = 0; b < d1; b++)
      for (let c = 0; c < d2; c++)
        for (let d = 0; d < d3; d++) turned[next++] = data[a * s0 + b * s1 + c * s2 + d * s3]!;
  return { shape: [d0, d1, d2, d3], data: turned };
}
