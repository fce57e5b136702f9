/** The architecture of dlib's ResNet for faces; face-api's file of it holds the weights only. */
import type { Architecture, GraphBuilder, Padding, Value } from './builder.ts';
import type { Weight } from './weights.ts';

/** The residual blocks after the first convolution, in order; those called `down` halve the picture. */
const blocks = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
];

/** An aligned face of 150 × 150 pixels to its 128 numbers, not normalised. */
export const dlibResnet: Architecture = (builder, weight) => {
  const layers = new Layers(builder, weight);
  let x = builder.relu(layers.conv(builder.input, 'conv32_down', 2, 'valid'));
  x = builder.pool('MaxPool', x, 3, { stride: 2, padding: 'valid' });
  for (const block of blocks) x = block.includes('down') ? layers.residualDown(x, block) : layers.residual(x, block);
  return { embedding: builder.dense(builder.mean(x), weight('fc'), undefined) };
};

class Layers {
  readonly #builder: GraphBuilder;
  readonly #weight: (name: string) => Weight;

  constructor(builder: GraphBuilder, weight: (name: string) => Weight) {
    this.#builder = builder;
    this.#weight = weight;
  }

  /** A convolution with its bias, and the factor and offset of each channel that follow, as one convolution. */
  conv(x: Value, name: string, stride: number, padding: Padding): Value {
    const part = (of: string): Weight => this.#weight(`${name}/${of}`);
    const [filters, bias] = [part('conv/filters'), part('conv/bias').data];
    const [factors, offsets] = [part('scale/weights').data, part('scale/biases').data];
    const scaled = filters.data.map((value, i) => value * factors[i % factors.length]!);
    const shifted = offsets.map((offset, channel) => bias[channel]! * factors[channel]! + offset);
    const folded = [
      { shape: filters.shape, data: scaled },
      { shape: [shifted.length], data: shifted },
    ] as const;
    return this.#builder.conv(x, ...folded, { stride, padding });
  }

  residual(x: Value, name: string): Value {
    const first = this.#builder.relu(this.conv(x, `${name}/conv1`, 1, 'same'));
    return this.#builder.relu(this.#builder.combine('Add', this.conv(first, `${name}/conv2`, 1, 'same'), x));
  }

  /** Halves the picture. The short cut is averaged; the side with fewer rows, columns or channels is filled with zeros. */
  residualDown(x: Value, name: string): Value {
    const first = this.#builder.relu(this.conv(x, `${name}/conv1`, 2, 'valid'));
    const deep = this.conv(first, `${name}/conv2`, 1, 'same');
    const short = this.#builder.pool('AveragePool', x, 2, { stride: 2, padding: 'valid' });
    const shape = deep.shape.map((size, axis) => Math.max(size, short.shape[axis]!));
    return this.#builder.relu(this.#builder.combine('Add', this.#fill(deep, shape), this.#fill(short, shape)));
  }

  #fill(x: Value, shape: readonly number[]): Value {
    const margins = shape.map((size, axis) => [0, size - x.shape[axis]!] as const);
    return margins.some(([, after]) => after > 0) ? this.#builder.pad(x, margins) : x;
  }
}
