/** Decides which galleries are in memory: those searched last, within the budget. */
import { type Index, IndexFull } from '../search/gallery.ts';
import type { GallerySize } from './change-feed.ts';
import { FeedTruncated } from './gallery-sync.ts';
import type { HeldGallery } from './held-gallery.ts';

/**
 * A gallery that was searched within this time is not dropped for another one, in milliseconds: two that have no room beside each
 * other would only take turns being loaded.
 */
const keepMs = 10_000;
/** After how long it is tried again to load a gallery that found no room, or could not be read, in milliseconds. */
const againMs = 10_000;
/** A gallery is loaded if there is room for this much more than it holds, so that it is not dropped as soon as it grows. */
const growth = 1 / 64;

/** What a loader works with. */
export interface LoaderParts {
  readonly index: Index;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Every gallery that is known. */
  readonly held: () => Iterable<HeldGallery>;
  /** How large the registry of an appid is. */
  readonly sizeOf: (appid: string) => Promise<GallerySize>;
  readonly onFault: (error: unknown) => void;
}

/** Loads galleries that are searched, one at a time, and drops others for them. */
export class GalleryLoader {
  readonly #parts: LoaderParts;
  #loading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  /** Has a gallery loaded, if it is not in memory and there is room or can be made. */
  want(gallery: HeldGallery): void {
    if (this.#isClosed || gallery.isWanted || !gallery.isOut || this.#parts.now() < gallery.notBefore) return;
    gallery.isWanted = true;
    this.#loading = this.#loading.then(async () => {
      if (!this.#isClosed) await this.#load(gallery);
      gallery.isWanted = false;
    });
  }

  /** Loads nothing more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when nothing is being loaded. */
  async idle(): Promise<void> {
    await this.#loading;
  }

  /** Never rejects: the gallery is searched in the database then. */
  async #load(gallery: HeldGallery): Promise<void> {
    const { now, onFault, sizeOf } = this.#parts;
    try {
      // What leaves makes room first.
      await gallery.settled();
      if (gallery.isLoaded) return;
      if (await this.#makeRoom(await sizeOf(gallery.appid))) return await gallery.load();
    } catch (error) {
      const isUsual = this.#isClosed || error instanceof IndexFull || error instanceof FeedTruncated;
      if (!isUsual) onFault(error);
    }
    gallery.notBefore = now() + againMs;
  }

  /** Drops the galleries that were searched longest ago, as many as have to go; none if that would not do. */
  async #makeRoom(size: GallerySize): Promise<boolean> {
    const { index, now, held } = this.#parts;
    const need = grown(size);
    const idle = [...held()].filter(({ isLoaded, usedAt }) => isLoaded && usedAt <= now() - keepMs);
    idle.sort((a, b) => a.usedAt - b.usedAt);
    const going: HeldGallery[] = [];
    const fits = (): boolean => index.hasRoomFor(need, index.amountsOf(going.map(({ appid }) => appid)));
    while (!fits()) {
      const next = idle.shift();
      if (next === undefined) return false;
      going.push(next);
    }
    for (const gallery of going) await gallery.drop();
    return true;
  }
}

function grown({ faces, persons, groups, memberships }: GallerySize): GallerySize {
  const more = (count: number): number => Math.ceil(count * (1 + growth));
  return { faces: more(faces), persons: more(persons), groups, memberships: more(memberships) };
}
