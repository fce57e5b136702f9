/** Knows the architecture of face-api's SSD detector on MobileNet v1, which its weights do not tell. */
import type { Architecture, GraphBuilder, Value } from './builder.ts';
import { foldScale, type Weight } from './weights.ts';

/** What batch normalisation adds to the variance before the root, of face-api's `mobileNetV1.ts`. */
const epsilon = 0.0010000000474974513;

/** The depthwise layers that halve the picture. */
const halving = new Set([2, 4, 6, 12]);

/** The 512 × 512 picture to 5,118 boxes, one for each anchor, decoded but neither filtered nor suppressed. */
export const ssdMobilenet: Architecture = (builder, weight) => {
  const layers = new Layers(builder, weight);
  const features = layers.features(builder.input);
  const predictions = features.map((x, index) => layers.predict(x, index));
  const boxes = builder.concat(
    predictions.map(({ boxes }) => boxes),
    0,
  );
  const logits = builder.concat(
    predictions.map(({ logits }) => logits),
    0,
  );
  const scores = builder.rows(builder.map('Sigmoid', logits), [logits.shape[0]!]);
  return { boxes: decode(builder, boxes, weight('Output/extra_dim')), scores };
};

class Layers {
  readonly #builder: GraphBuilder;
  readonly #weight: (name: string) => Weight;

  constructor(builder: GraphBuilder, weight: (name: string) => Weight) {
    this.#builder = builder;
    this.#weight = weight;
  }

  /** The six pictures, from 32 × 32 down to 1 × 1, on which faces are looked for. */
  features(input: Value): Value[] {
    let x = this.#pointwise(input, 'MobilenetV1/Conv2d_0', 2);
    const found: Value[] = [];
    for (let layer = 1; layer <= 13; layer++) {
      x = this.#depthwise(x, `MobilenetV1/Conv2d_${layer}`, halving.has(layer) ? 2 : 1);
      x = this.#pointwise(x, `MobilenetV1/Conv2d_${layer}`, 1);
      if (layer === 11 || layer === 13) found.push(x);
    }
    for (let layer = 0; layer < 8; layer += 2) {
      x = this.#pointwise(x, `Prediction/Conv2d_${layer}`, 1);
      x = this.#pointwise(x, `Prediction/Conv2d_${layer + 1}`, 2);
      found.push(x);
    }
    return found;
  }

  /** A row for each anchor: its box as encoded, and the logit of the one class, face, of three that was trained. */
  predict(x: Value, index: number): { boxes: Value; logits: Value } {
    const rows = (head: string, width: number) => {
      const name = `Prediction/BoxPredictor_${index}/${head}`;
      const [filters, bias] = [this.#weight(`${name}/weights`), this.#weight(`${name}/biases`)];
      const encoded = this.#builder.conv(x, filters, bias, { stride: 1, padding: 'same' });
      const anchors = encoded.shape.reduce((product, size) => product * size, 1) / width;
      return this.#builder.rows(encoded, [anchors, width]);
    };
    return { boxes: rows('BoxEncodingPredictor', 4), logits: this.#builder.columns(rows('ClassPredictor', 3), 1, 2) };
  }

  #pointwise(x: Value, name: string, stride: number): Value {
    const filters = this.#weight(`${name}_pointwise/weights`);
    const bias = this.#weight(`${name}_pointwise/convolution_bn_offset`);
    return this.#builder.clamp(this.#builder.conv(x, filters, bias, { stride, padding: 'same' }), 0, 6);
  }

  #depthwise(x: Value, name: string, stride: number): Value {
    const norm = (part: string) => this.#weight(`${name}_depthwise/BatchNorm/${part}`).data;
    const [mean, variance] = [norm('moving_mean'), norm('moving_variance')];
    const scale = norm('gamma').map((gamma, channel) => gamma / Math.sqrt(variance[channel]! + epsilon));
    const offset = norm('beta').map((beta, channel) => beta - mean[channel]! * scale[channel]!);
    const { filters, bias } = foldScale(this.#weight(`${name}_depthwise/depthwise_weights`), undefined, scale, offset);
    return this.#builder.clamp(this.#builder.depthwise(x, filters, bias, { stride, padding: 'same' }), 0, 6);
  }
}

/**
 * Boxes as (top, left, bottom, right), in parts of the picture.
 * @param encoded shift of the centre in tenths of the anchor's size, and logarithm of the size in fifths, vertical first.
 * @param anchors top, left, bottom, right of each.
 */
function decode(builder: GraphBuilder, encoded: Value, anchors: Weight): Value {
  const shape = [encoded.shape[0]!, 2];
  const constant = (of: (low: number, high: number) => number): Weight => ({
    shape,
    data: Float32Array.from({ length: shape[0]! * 2 }, (_, index) => {
      const low = (index >> 1) * 4 + (index & 1);
      return of(anchors.data[low]!, anchors.data[low + 2]!);
    }),
  });
  const shift = builder.columns(encoded, 0, 2);
  const moved = builder.combineConstant(
    'Mul',
    shift,
    constant((low, high) => (high - low) / 10),
  );
  const centre = builder.combineConstant(
    'Add',
    moved,
    constant((low, high) => (low + high) / 2),
  );
  const fifth = builder.combineConstant('Mul', builder.columns(encoded, 2, 4), {
    shape: [],
    data: Float32Array.of(0.2),
  });
  const half = builder.combineConstant(
    'Mul',
    builder.map('Exp', fifth),
    constant((low, high) => (high - low) / 2),
  );
  return builder.concat([builder.combine('Sub', centre, half), builder.combine('Add', centre, half)], 1);
}
