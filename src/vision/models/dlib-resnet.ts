/** Knows the architecture of dlib's face recognition ResNet, which its weights in face-api do not tell. */
import type { Architecture, GraphBuilder, Padding, Value } from './builder.ts';
import { foldScale, type Weight } from './weights.ts';

/** The residual blocks after the first convolution, in order; a `down` block halves the picture. */
const blocks = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
];

/** The 150 × 150 aligned face to its 128 numbers, as face-api's `FaceRecognitionNet` computes them after its normalisation. */
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

  /** A convolution, its bias, and the scale and offset of each channel that follow, folded into one convolution. */
  conv(x: Value, name: string, stride: number, padding: Padding): Value {
    const weight = (part: string) => this.#weight(`${name}/${part}`);
    const { filters, bias } = foldScale(
      weight('conv/filters'),
      weight('conv/bias'),
      weight('scale/weights').data,
      weight('scale/biases').data,
    );
    return this.#builder.conv(x, filters, bias, { stride, padding });
  }

  residual(x: Value, name: string): Value {
    const first = this.#builder.relu(this.conv(x, `${name}/conv1`, 1, 'same'));
    return this.#builder.relu(this.#builder.combine('Add', this.conv(first, `${name}/conv2`, 1, 'same'), x));
  }

  /** Halves the picture. The short cut is averaged, and whichever side has fewer rows, columns or channels gets zeros. */
  residualDown(x: Value, name: string): Value {
    const first = this.#builder.relu(this.conv(x, `${name}/conv1`, 2, 'valid'));
    const deep = this.conv(first, `${name}/conv2`, 1, 'same');
    const short = this.#builder.pool('AveragePool', x, 2, { stride: 2, padding: 'valid' });
    const shape = deep.shape.map((size, axis) => Math.max(size, short.shape[axis]!));
    return this.#builder.relu(this.#builder.combine('Add', this.#grow(deep, shape), this.#grow(short, shape)));
  }

  #grow(x: Value, shape: readonly number[]): Value {
    const margins = shape.map((size, axis) => [0, size - x.shape[axis]!] as const);
    return margins.some(([, after]) => after > 0) ? this.#builder.pad(x, margins) : x;
  }
}
