/** Converts a crop to the layout of a pack's network. */
import type { InputPlan } from './manifest.ts';

/** The shape of one picture for the network, the batch of one first. */
export function shapeOfInput({ size, layout }: InputPlan): readonly number[] {
  return layout === 'NCHW' ? [1, 3, size, size] : [1, size, size, 3];
}

/**
 * Converts a crop.
 * @param out receives 3 · size² numbers.
 * @param crop red, green, blue from 0 to 255, interleaved, of the same length.
 */
export function layOutInto(
  out: Float32Array,
  crop: Float32Array,
  { size, layout, channels, mean, divisor }: InputPlan,
): void {
  const count = size * size;
  const [step, plane] = layout === 'NCHW' ? [1, count] : [3, 1];
  for (let c = 0; c < 3; c++) {
    const from = channels === 'RGB' ? c : 2 - c;
    for (let i = 0; i < count; i++) out[c * plane + i * step] = (crop[3 * i + from]! - mean[c]!) / divisor[c]!;
  }
}
