/** A picture in several sizes: each is made, or decoded, when it is first needed. */
import { halve } from './halve.ts';
import type { Pixels } from './pixels.ts';

/** A picture in one size. */
interface Level {
  readonly pixels: Pixels;
  /** Pixels of the full picture for one of this one, from 1. */
  readonly shrink: number;
}

/** The full size of a picture, and the sizes in which it can be decoded. */
export interface Source {
  readonly width: number;
  readonly height: number;
  /** The finest last, which is the full size. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
  /** Decodes the picture in one of these sizes. */
  readonly decode: (size: Source['sizes'][number]) => Promise<Pixels>;
}

/** A step finer or coarser than this is sampled from another level: so far from both neighbours, which are halves. */
const near = Math.SQRT2;

/** A picture and its halves, each made when it is first asked for. All positions are in pixels of the full picture. */
export class Pyramid {
  /** The size of the full picture. */
  readonly base: { readonly width: number; readonly height: number };
  /** The finest first. */
  readonly #levels: Level[];
  readonly #source: Source | undefined;
  /** Settled when nothing is decoded any more: several faces may ask for pixels at the same time. */
  #decoded: Promise<void> = Promise.resolve();

  /**
   * @param pixels the full picture; or one that was decoded smaller.
   * @param source of the full picture, if `pixels` are smaller.
   */
  constructor(pixels: Pixels, source?: Source) {
    this.base = source ?? pixels;
    this.#levels = [this.#levelOf(pixels)];
    this.#source = source;
  }

  /**
   * Decodes the picture once more if crops of this scale need more pixels than there are: in the coarsest size that has
   * enough of them.
   * @param scale in pixels of the full picture.
   * @param enlargedMax by how much a crop may be enlarged; by default as little as {@link for} does with a full picture.
   */
  async refine(scale: number, enlargedMax = near): Promise<void> {
    if (this.#source === undefined) return;
    const source = this.#source;
    this.#decoded = this.#decoded.then(() => this.#decode(source, scale * enlargedMax));
    await this.#decoded;
  }

  /** @param shrink the finest size that is there may be shrunk by so much, or a finer one is decoded. */
  async #decode({ sizes, decode }: Source, shrink: number): Promise<void> {
    const finest = this.#levels[0]!;
    if (finest.shrink <= shrink) return;
    const size = sizes.find(({ width }) => this.base.width / width <= shrink) ?? sizes.at(-1)!;
    if (size.width > finest.pixels.width) this.#levels.unshift(this.#levelOf(await decode(size)));
  }

  /**
   * The size in which a step of `scale` pixels of the full picture is as close as possible to one pixel, between 0.7 and
   * 1.5; never enlarged, and halved fewer times if nothing would be left.
   * @param scale in pixels of the full picture, above 0.
   */
  for(scale: number): Level {
    let at = Math.max(
      0,
      this.#levels.findLastIndex(({ shrink }) => shrink <= scale * near),
    );
    while (scale >= this.#levels[at]!.shrink * near) {
      const { pixels, shrink } = this.#levels[at]!;
      if (pixels.width < 4 || pixels.height < 4) break;
      this.#levels.splice(++at, 0, { pixels: halve(pixels), shrink: 2 * shrink });
    }
    return this.#levels[at]!;
  }

  /**
   * Frees the pixels, of which nothing may be sampled afterwards. Left to the collector, those of each large picture would be a
   * collection of the whole heap.
   */
  free(): void {
    for (const { pixels } of this.#levels.splice(0)) (pixels.data.buffer as ArrayBuffer).transfer(0);
  }

  #levelOf(pixels: Pixels): Level {
    return { pixels, shrink: this.base.width / pixels.width };
  }
}
