/** Samples a rotated and scaled square of a picture, with little aliasing. */
import { channels, type Pixels } from './pixels.ts';
import type { Pyramid } from './pyramid.ts';
import { bindSampler, layPlan, type Order, type Plan, planLength } from './sampler.ts';
import { asBuffer, Scratch } from './scratch.ts';

/** A map of the plane: (x, y) ↦ (a·x − b·y + x₀, b·x + a·y + y₀). */
interface Placement {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
}

/**
 * A network's normalization of red, green and blue from 0 to 255: minus the channel's mean, divided by the standard
 * deviation.
 */
export interface Normalization {
  readonly order: Order;
  /** One for each channel, in that order. */
  readonly mean: readonly [number, number, number];
  readonly std: number;
}

const plain: Normalization = { order: 'rgb', mean: [0, 0, 0], std: 1 };

/**
 * Fills a crop with bilinear samples of a picture. A crop coarser than the picture is sampled from a halved picture; if
 * that is still finer, each pixel is the average of 2 × 2 samples. Beyond the picture the border pixels are repeated.
 * @param out receives the crop at its start: size · size · 3 numbers, the channels of each pixel together, row by row.
 * @param size side of the crop in pixels.
 * @param toPicture carries coordinates of the crop to those of the full picture.
 * @param normalization of the values; without it they are 0 to 255.
 */
export function warpInto(
  out: Float32Array,
  size: number,
  picture: Pyramid,
  toPicture: Placement,
  { order, mean, std }: Normalization = plain,
): void {
  const scale = Math.hypot(toPicture.a, toPicture.b);
  const { pixels, shrink } = picture.for(scale);
  const taps = scale / shrink > 1.2 ? 2 : 1;
  const [a, b] = [toPicture.a / shrink / taps, toPicture.b / shrink / taps];
  // Sample positions are relative to the centre of the picture's first pixel.
  const x = (a - b) / 2 + toPicture.x / shrink - 0.5;
  const y = (b + a) / 2 + toPicture.y / shrink - 0.5;
  const first = [0, 0] as const;
  const end = size * taps - 1;
  const left = clip(x + Math.min(0, a * end) + Math.min(0, -b * end), pixels.width);
  const right = clip(x + Math.max(0, a * end) + Math.max(0, -b * end) + 1, pixels.width);
  const top = clip(y + Math.min(0, b * end) + Math.min(0, a * end), pixels.height);
  const bottom = clip(y + Math.max(0, b * end) + Math.max(0, a * end) + 1, pixels.height);
  const region = { left, top, width: right - left + 1, height: bottom - top + 1 };
  cutter ??= new Cutter();
  cutter.cut(out.subarray(0, channels * size * size), size, order, pixels, region, {
    start: [x - left, y - top],
    across: [taps * a, taps * b],
    down: [-taps * b, taps * a],
    last: [region.width - 1, region.height - 1],
    scale: 1 / std / taps ** 2,
    shift: [-mean[0] / std, -mean[1] / std, -mean[2] / std],
    samples: taps === 1 ? [first] : [first, [a, b], [-b, a], [a - b, b + a]],
  });
}

/** Part of a picture, in whole pixels. */
interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The kernel with its memory. Only the region under a crop is copied there: a whole picture would be too large. */
class Cutter {
  readonly #scratch = new Scratch();
  readonly #sampler = bindSampler(this.#scratch.memory);

  /** Samples a region into a crop of `size` × `size`. */
  cut(crop: Float32Array, size: number, order: Order, { data, width }: Pixels, region: Region, plan: Plan): void {
    const stride = region.width * channels;
    // The kernel reads a row and 8 bytes beyond the region.
    const outAt = roundUp(planLength + (region.height + 1) * stride + 8, 16);
    const end = outAt + 4 * crop.length;
    this.#scratch.reserve(end + 4);
    const { bytes, floats } = this.#scratch;
    layPlan(floats, plan);
    const picture = asBuffer(data);
    for (let y = 0, to = planLength; y < region.height; y++, to += stride) {
      const from = ((region.top + y) * width + region.left) * channels;
      picture.copy(bytes, to, from, from + stride);
    }
    this.#sampler[`${order}${plan.samples.length}`](0, planLength, stride, outAt, 4 * channels * size, end);
    crop.set(floats.subarray(outAt / 4, end / 4));
  }
}

/** One per thread, made when the first crop is sampled; it keeps nothing between calls. */
let cutter: Cutter | undefined;

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The index of the pixel that contains a position, limited to a row or column of `length`. */
function clip(position: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.floor(position)));
}
