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
  let x = layers.prelu(layers.conv(builder.input, 'Conv2d_0', 'Conv2d_0', 2), 'Conv2d_0');
  x = layers.prelu(layers.depthwise(x, 'SeparableConv2d', 'SeparableConv2d', 1), 'SeparableConv2d');
  x = layers.conv(x, 'Conv', 'Conv', 1);
  let block = 0;
  for (const { stage, times, stride } of stages) {
    for (let i = 0; i < times; i++) {
      block++;
      x = layers.bottleneck(x, block, `Conv2d_${stage}_InvResBlock_${i}`, i === 0 ? stride : 1);
    }
  }
  x = layers.prelu(layers.conv(x, 'Conv2d_7', 'Conv2d_7', 1), 'Conv2d_7');
  x = layers.depthwise(x, 'Logits/SeparableConv2d', 'Logits/SeparableConv2d', 1, 'valid');
  x = layers.conv(x, 'Logits/Conv', 'Logits/Conv', 1);
  // One pixel is left; its mean is a row of channels.
  return { embedding: builder.mean(layers.conv(x, 'Logits/LinearConv1x1', 'Logits/LinearConv1x1', 1)) };
};

/** The file names weights and slopes by a running number, and biases by their position in the network. */
class Layers {
  readonly #builder: GraphBuilder;
  readonly #weight: (name: string) => Weight;

  constructor(builder: GraphBuilder, weight: (name: string) => Weight) {
    this.#builder = builder;
    this.#weight = weight;
  }

  conv(x: Value, name: string, place: string, stride: number): Value {
    const filters = channelsOutLast(this.#weight(`MobileFaceNet/${name}/weights`));
    const bias = this.#weight(`${scope(place)}/Conv2D_bias`);
    return this.#builder.conv(x, filters, bias, { stride, padding: 'same' });
  }

  depthwise(x: Value, name: string, place: string, stride: number, padding: Padding = 'same'): Value {
    const { shape, data } = this.#weight(`MobileFaceNet/${name}/depthwise_weights`);
    const [, height, width, channels] = shape as [number, number, number, number];
    const filters = { shape: [height, width, channels, 1], data };
    return this.#builder.depthwise(x, filters, this.#weight(`${scope(place)}/depthwise_bias`), { stride, padding });
  }

  prelu(x: Value, name: string): Value {
    return this.#builder.prelu(x, this.#weight(`MobileFaceNet/${name}/prelu_alphas`));
  }

  /** Expands the channels, filters each, and projects them back; the input is added unless the size changes. */
  bottleneck(x: Value, block: number, place: string, stride: number): Value {
    const [widen, filter, narrow] = [`Conv_${2 * block - 1}`, `SeparableConv2d_${block}`, `Conv_${2 * block}`];
    let y = this.prelu(this.conv(x, widen, `${place}/Conv`, 1), widen);
    y = this.prelu(this.depthwise(y, filter, `${place}/SeparableConv2d`, stride), filter);
    y = this.conv(y, narrow, `${place}/Conv_1`, 1);
    return stride === 1 ? this.#builder.combine('Add', y, x) : y;
  }
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
