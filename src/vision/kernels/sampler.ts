/** Samples pictures: the kernel `src/wasm/sample.as.ts` and its parameters. */
import { bindTo, loadKernel } from '../../wasm/load.ts';

/**
 * Fills a crop, pixel by pixel, with bilinear samples of a region of a picture.
 *
 * All addresses are bytes in the kernel's memory. `plan` is laid out by {@link layPlan}. Below `region` lie bytes of
 * red, green and blue, `stride` of them a row; a row and 8 bytes after its last row are read, but do not affect the
 * result. From `out` up to `end` three floats a pixel are written, `rowLength` bytes a row; the 4 bytes at `end` are
 * overwritten too.
 */
export type Sample = (
  plan: number,
  region: number,
  stride: number,
  out: number,
  rowLength: number,
  end: number,
) => void;

/** The order in which a pixel's channels are written. */
export type Order = 'rgb' | 'bgr';

/** The samples of a pixel of the crop: one at its centre, or one at the centre of each quarter. */
export type SampleCount = 1 | 4;

/** The loops for each way of sampling. */
export type Sampler = Readonly<Record<`${Order}${SampleCount}`, Sample>>;

/** Where samples are taken, in pixels of the region from the centre of its first one, and how their sum is scaled. */
export interface Plan {
  /** The first sample of the crop's first pixel. */
  readonly start: readonly [x: number, y: number];
  /** From a pixel to the one on its right. */
  readonly across: readonly [x: number, y: number];
  /** From a pixel to the one below. */
  readonly down: readonly [x: number, y: number];
  /** The region's last pixel: positions beyond it, or below 0, are sampled at the border. */
  readonly last: readonly [x: number, y: number];
  /** The factor from the sum of a pixel's samples to its value. */
  readonly scale: number;
  /** Added to a pixel's channels, in the order in which they are written. */
  readonly shift: readonly [number, number, number];
  /** From a pixel's first sample to each of them. */
  readonly samples: { readonly length: SampleCount } & readonly (readonly [x: number, y: number])[];
}

/** Floats in a vector. */
const lanes = 4;
/** Bytes in a vector. */
const vectorLength = 16;
/** Bytes of the longest plan. */
export const planLength = vectorLength * (6 + 4);

/** Writes a plan as the kernel reads it: a vector for each of its entries, in their order. */
export function layPlan(into: Float32Array, { start, across, down, last, scale, shift, samples }: Plan): void {
  const entries = [start, across, down, last, [scale, scale, scale], shift, ...samples];
  entries.forEach((entry, i) => {
    into.set(entry, lanes * i);
  });
}

/** The kernel over `memory`. */
export function bindSampler(memory: WebAssembly.Memory): Sampler {
  return bindTo(memory, loadKernel('sample')) as unknown as Sampler;
}
