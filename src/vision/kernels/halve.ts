/** Halves pictures: the kernel `src/wasm/halve.as.ts`, two rows at a time. */
import { bindTo, loadKernel } from '../../wasm/load.ts';
import { channels, type Pixels } from './pixels.ts';
import { Scratch } from './scratch.ts';

/**
 * Halves a picture by averaging squares of four pixels; an odd last row or column is dropped, so a point at (u, v) of
 * the picture lies at (u / 2, v / 2) of its half.
 * @param pixels at least 2 × 2.
 */
export function halve(pixels: Pixels): Pixels {
  halver ??= new Halver();
  const width = pixels.width >> 1;
  const height = pixels.height >> 1;
  const data = new Uint8Array(width * height * channels);
  const [from, to] = [pixels.width * channels, width * channels];
  for (let y = 0; y < height; y++) {
    const above = pixels.data.subarray(2 * y * from, (2 * y + 1) * from);
    const below = pixels.data.subarray((2 * y + 1) * from, (2 * y + 2) * from);
    data.set(halver.mean(above, below, to), y * to);
  }
  return { data, width, height };
}

/** Halves a picture row by row, so that it needs little memory. */
class Halver {
  readonly #scratch = new Scratch();
  readonly #halveRow = bindHalver(this.#scratch.memory);

  /** The means of the squares in two rows; valid until the next call. */
  mean(above: Uint8Array, below: Uint8Array, length: number): Uint8Array {
    const stride = above.length + vectorLength;
    const outAt = 2 * stride;
    this.#scratch.reserve(outAt + length + vectorLength);
    const { bytes } = this.#scratch;
    bytes.set(above, 0);
    bytes.set(below, stride);
    this.#halveRow(0, stride, outAt, outAt + length);
    return bytes.subarray(outAt, outAt + length);
  }
}

/** One per thread, made when the first picture is halved; it keeps nothing between calls. */
let halver: Halver | undefined;

/** Bytes in a vector. */
const vectorLength = 16;

/**
 * Averages the squares of two rows, whose addresses are given, from `out` on up to `end` or 7 bytes farther; 15 bytes
 * after each row are read.
 */
type HalveRow = (above: number, below: number, out: number, end: number) => void;

function bindHalver(memory: WebAssembly.Memory): HalveRow {
  return bindTo(memory, loadKernel('halve')).halveRow as HalveRow;
}
