/** Knows how pictures lie in memory, and how they are halved. */

/** An upright picture, 8 bits a channel, red green blue interleaved, rows from the top. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Bytes of one pixel. */
export const channels = 3;

/**
 * Halves a picture by averaging squares of four pixels; an odd last row or column is dropped, so a point at (u, v) of
 * the picture lies at (u / 2, v / 2) of its half.
 * @param pixels at least 2 × 2.
 */
export function halve(pixels: Pixels): Pixels {
  const width = pixels.width >> 1;
  const height = pixels.height >> 1;
  const source = pixels.data;
  const data = new Uint8Array(width * height * channels);
  const stride = pixels.width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = 2 * y * stride;
    let below = from + stride;
    for (let x = 0; x < width; x++, to += 3, from += 6, below += 6) {
      data[to] = (source[from]! + source[from + 3]! + source[below]! + source[below + 3]! + 2) >> 2;
      data[to + 1] = (source[from + 1]! + source[from + 4]! + source[below + 1]! + source[below + 4]! + 2) >> 2;
      data[to + 2] = (source[from + 2]! + source[from + 5]! + source[below + 2]! + source[below + 5]! + 2) >> 2;
    }
  }
  return { data, width, height };
}

/** A picture and its halves, each made when it is first asked for. */
export class Pyramid {
  /** The full picture. */
  readonly base: Pixels;
  readonly #levels: Pixels[];

  constructor(base: Pixels) {
    this.base = base;
    this.#levels = [base];
  }

  /**
   * The picture halved so often that a step of `scale` pixels in the full picture is as near as can be to one pixel
   * here, between 0.7 and 1.5; never enlarged, and halved fewer times if it would vanish.
   * @param scale in pixels of the full picture, above 0.
   */
  for(scale: number): { readonly pixels: Pixels; readonly shrink: number } {
    const wanted = Math.max(0, Math.round(Math.log2(scale)));
    let level = 0;
    while (level < wanted) {
      const last = this.#levels[level]!;
      if (last.width < 4 || last.height < 4) break;
      this.#levels[level + 1] ??= halve(last);
      level++;
    }
    return { pixels: this.#levels[level]!, shrink: 2 ** level };
  }
}
