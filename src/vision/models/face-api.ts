/** The architecture of face-api's network for age and gender; its file holds the weights only. */
import type { Architecture, GraphBuilder, Value } from './builder.ts';
import type { Weight } from './weights.ts';

/** Age and gender from a face of 112 × 112 pixels, by a small Xception. */
export const ageGender: Architecture = (builder, weight) => {
  const layers = new Layers(builder, weight);
  let x = builder.relu(layers.conv(builder.input, 'entry_flow/conv_in', 2));
  x = layers.reduction(x, x, 'entry_flow/reduction_block_0');
  x = layers.reduction(x, builder.relu(x), 'entry_flow/reduction_block_1');
  for (const block of ['main_block_0', 'main_block_1']) x = layers.main(x, `middle_flow/${block}`);
  x = layers.reduction(x, builder.relu(x), 'exit_flow/reduction_block');
  x = builder.relu(layers.separable(x, 'exit_flow/separable_conv', 1));
  const pooled = builder.mean(x);
  const male = builder.columns(builder.map('Softmax', layers.dense(pooled, 'fc/gender')), 0, 1);
  return { age: layers.dense(pooled, 'fc/age'), gender: male };
};

class Layers {
  readonly #builder: GraphBuilder;
  readonly #weight: (name: string) => Weight;

  constructor(builder: GraphBuilder, weight: (name: string) => Weight) {
    this.#builder = builder;
    this.#weight = weight;
  }

  conv(x: Value, name: string, stride: number): Value {
    const [filters, bias] = [this.#weight(`${name}/filters`), this.#weight(`${name}/bias`)];
    return this.#builder.conv(x, filters, bias, { stride, padding: 'same' });
  }

  separable(x: Value, name: string, stride: number): Value {
    const [depthwise, pointwise] = [this.#weight(`${name}/depthwise_filter`), this.#weight(`${name}/pointwise_filter`)];
    const spread = this.#builder.depthwise(x, depthwise, undefined, { stride, padding: 'same' });
    return this.#builder.conv(spread, pointwise, this.#weight(`${name}/bias`), { stride: 1, padding: 'valid' });
  }

  dense(x: Value, name: string): Value {
    return this.#builder.dense(x, this.#weight(`${name}/weights`), this.#weight(`${name}/bias`));
  }

  /** Halves the picture. @param active `x` after its activation. */
  reduction(x: Value, active: Value, name: string): Value {
    let out = this.separable(active, `${name}/separable_conv0`, 1);
    out = this.separable(this.#builder.relu(out), `${name}/separable_conv1`, 1);
    out = this.#builder.pool('MaxPool', out, 3, { stride: 2, padding: 'same' });
    return this.#builder.combine('Add', out, this.conv(x, `${name}/expansion_conv`, 2));
  }

  main(x: Value, name: string): Value {
    let out = x;
    for (const layer of ['separable_conv0', 'separable_conv1', 'separable_conv2']) {
      out = this.separable(this.#builder.relu(out), `${name}/${layer}`, 1);
    }
    return this.#builder.combine('Add', out, x);
  }
}
