/** A picture and its halves, quarters and so on, made when they are asked for. */
import { halve } from './halve.ts';
import type { Pixels } from './pixels.ts';

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
   * The picture halved so many times that a step of `scale` pixels in the full picture is as close as possible to one
   * pixel of the result, between 0.7 and 1.5; never enlarged, and halved fewer times if nothing would be left.
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
