/**
 * The architecture of MobileFaceNet (arXiv:1804.07573) as its TensorFlow authors built it; their file contains only
 * named weights.
 */
import type { Architecture, GraphBuilder, Padding, Value } from './builder.ts';
import type { Weight } from './weights.ts';

/** The bottlenecks: how often each comes, and the stride of the first. */
const stages = [
  { stage: 2, times: 5, stride: 2 },
  { stage: 3, times: 1, stride: 2 },
  { stage: 4, times: 6, stride: 1 },
  { stage: 5, times: 1, stride: 2 },
  { stage: 6, times: 2, stride: 1 },
] as const;

/** An aligned face of 112 × 112 pixels to its 192 numbers, not normalised. */
export const mobileFaceNet: Architecture = (builder, weight) => {
  const layers = new Layers(builder, weight);
  let x: Scaled = { value: builder.input, factors: one };
  x = layers.bentConv(x, 'Conv2d_0', 'Conv2d_0', 2);
  x = layers.bentDepthwise(x, 'SeparableConv2d', 'SeparableConv2d', 1);
  x = layers.conv(x, 'Conv', 'Conv', 1);
  let block = 0;
  for (const { stage, times, stride } of stages) {
    for (let i = 0; i < times; i++) {
      block++;
      x = layers.bottleneck(x, block, `Conv2d_${stage}_InvResBlock_${i}`, i === 0 ? stride : 1);
    }
  }
  x = layers.bentConv(x, 'Conv2d_7', 'Conv2d_7', 1);
  x = layers.depthwise(x, 'Logits/SeparableConv2d', 'Logits/SeparableConv2d', 1, one, 'valid');
  x = layers.conv(x, 'Logits/Conv', 'Logits/Conv', 1);
  x = layers.conv(x, 'Logits/LinearConv1x1', 'Logits/LinearConv1x1', 1);
  // One pixel is left; its mean is a row of channels.
  return { embedding: builder.mean(x.value) };
};

/** A factor of each channel. */
type Factors = (channel: number) => number;

const one: Factors = () => 1;

/** A value whose channels are multiplied by factors. */
interface Scaled {
  readonly value: Value;
  readonly factors: Factors;
}

/**
 * The file names weights and slopes by a running number, and biases by their position in the network.
 *
 * Its PReLU units go through memory twice, once less than `GraphBuilder.prelu`. The convolution before a unit multiplies each
 * channel by 1 − slope; of that x the unit is x · slope / (1 − slope) + max(0, x), and where the slope is above 1, which for a
 * fifth of the channels it is, minus the unit is x / (slope − 1) + max(0, x). The convolution after it takes the sign back.
 */
class Layers {
  readonly #builder: GraphBuilder;
  readonly #weight: (name: string) => Weight;

  constructor(builder: GraphBuilder, weight: (name: string) => Weight) {
    this.#builder = builder;
    this.#weight = weight;
  }

  /** @param factors of the result. */
  conv(x: Scaled, name: string, place: string, stride: number, factors = one): Scaled {
    const { shape, data } = channelsOutLast(this.#weight(`MobileFaceNet/${name}/weights`));
    const [, , depth, channels] = shape as [number, number, number, number];
    const factor = (i: number): number => factors(i % channels) / x.factors(Math.floor(i / channels) % depth);
    const bias = multiplied(this.#weight(`${scope(place)}/Conv2D_bias`), factors);
    const walk = { stride, padding: 'same' } as const;
    return { value: this.#builder.conv(x.value, multiplied({ shape, data }, factor), bias, walk), factors };
  }

  /** @param factors of the result. */
  depthwise(x: Scaled, name: string, place: string, stride: number, factors = one, padding: Padding = 'same'): Scaled {
    const { shape, data } = this.#weight(`MobileFaceNet/${name}/depthwise_weights`);
    const [, height, width, channels] = shape as [number, number, number, number];
    const factor = (i: number): number => factors(i % channels) / x.factors(i % channels);
    const filters = multiplied({ shape: [height, width, channels, 1], data }, factor);
    const bias = multiplied(this.#weight(`${scope(place)}/depthwise_bias`), factors);
    return { value: this.#builder.depthwise(x.value, filters, bias, { stride, padding }), factors };
  }

  /** A convolution with a PReLU unit. */
  bentConv(x: Scaled, name: string, place: string, stride: number): Scaled {
    return this.#bend(name, (factors) => this.conv(x, name, place, stride, factors));
  }

  /** A convolution of each channel by itself with a PReLU unit. */
  bentDepthwise(x: Scaled, name: string, place: string, stride: number): Scaled {
    return this.#bend(name, (factors) => this.depthwise(x, name, place, stride, factors));
  }

  /** Expands the channels, filters each, and projects them back; the input is added unless the size changes. */
  bottleneck(x: Scaled, block: number, place: string, stride: number): Scaled {
    const [widen, filter, narrow] = [`Conv_${2 * block - 1}`, `SeparableConv2d_${block}`, `Conv_${2 * block}`];
    let y = this.bentConv(x, widen, `${place}/Conv`, 1);
    y = this.bentDepthwise(y, filter, `${place}/SeparableConv2d`, stride);
    y = this.conv(y, narrow, `${place}/Conv_1`, 1);
    return stride === 1 ? { ...y, value: this.#builder.combine('Add', y.value, x.value) } : y;
  }

  /** @param convolve computes what the unit is given, multiplied by factors. */
  #bend(name: string, convolve: (factors: Factors) => Scaled): Scaled {
    const slopes = this.#weight(`MobileFaceNet/${name}/prelu_alphas`);
    const { value } = convolve((channel) => 1 - slopes.data[channel]!);
    // No slope is 1.
    const shares = slopes.data.map((slope) => (slope > 1 ? 1 / (slope - 1) : slope / (1 - slope)));
    const shared = this.#builder.combineConstant('Mul', value, { ...slopes, data: shares });
    return {
      value: this.#builder.combine('Add', shared, this.#builder.relu(value)),
      factors: (channel) => (slopes.data[channel]! > 1 ? -1 : 1),
    };
  }
}

/** @param factor of the number at an index. */
function multiplied({ shape, data }: Weight, factor: (index: number) => number): Weight {
  return { shape, data: data.map((value, i) => value * factor(i)) };
}

function scope(place: string): string {
  return `MobileFaceNet/${place.startsWith('Logits') ? '' : 'MobileFaceNet/'}${place}`;
}

/** TensorFlow Lite stores output channels first; the builder takes them last. */
function channelsOutLast({ shape, data }: Weight): Weight {
  const [out, height, width, channels] = shape as [number, number, number, number];
  const items = height * width * channels;
  const turned = new Float32Array(data.length);
  for (let n = 0; n < out; n++) for (let i = 0; i < items; i++) turned[i * out + n] = data[n * items + i]!;
  return { shape: [height, width, channels, out], data: turned };
}
