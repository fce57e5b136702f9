/** Mirrors square pictures. */
import { channels } from './pixels.ts';

/**
 * Writes the mirror image of a square picture, left and right exchanged.
 * @param out receives 3 · size² numbers.
 * @param picture as many, the channels of each pixel together, row by row; not `out` itself.
 */
export function mirrorInto(out: Float32Array, picture: Float32Array, size: number): void {
  for (let y = 0, to = 0; y < size; y++) {
    for (let x = size - 1; x >= 0; x--, to += channels) {
      const from = channels * (y * size + x);
      out[to] = picture[from]!;
      out[to + 1] = picture[from + 1]!;
      out[to + 2] = picture[from + 2]!;
    }
  }
}
