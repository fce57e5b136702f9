/** Halves pictures: the kernel `src/wasm/halve.as.ts`, some rows at a time. */
import { bindTo, loadKernel } from '../../wasm/load.ts';
import { channels, type Pixels } from './pixels.ts';
import { asBuffer, Scratch } from './scratch.ts';

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
  const picture = asBuffer(pixels.data);
  const [from, to] = [pixels.width * channels, width * channels];
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    data.set(halver.means(picture, 2 * y * from, from, rows, to), y * to);
  }
  return { data, width, height };
}

/** Rows of a half that are made at once, so that it needs little memory. */
const rowsAtOnce = 16;

/** Halves some rows of a picture. */
class Halver {
  readonly #scratch = new Scratch();
  readonly #halveRow = bindHalver(this.#scratch.memory);

  /**
   * The means of the squares in twice as many rows as are asked for; valid until the next call.
   * @param start of the first row, in bytes.
   * @param stride bytes from a row to the next.
   * @param length bytes of a row of means.
   */
  means(picture: Buffer, start: number, stride: number, rows: number, length: number): Uint8Array {
    const outAt = 2 * rows * stride + vectorLength;
    const end = outAt + rows * length;
    this.#scratch.reserve(end + vectorLength);
    const { bytes } = this.#scratch;
    picture.copy(bytes, 0, start, start + 2 * rows * stride);
    // From the first to the last: what a row writes beyond its end is written over by the next.
    for (let row = 0, out = outAt; row < rows; row++, out += length) {
      this.#halveRow(2 * row * stride, (2 * row + 1) * stride, out, out + length);
    }
    return bytes.subarray(outAt, end);
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
