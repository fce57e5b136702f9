/** Loads every gallery at the start, one after the other, and again later where that failed. */
import { Backoff, type Pauses } from '../concurrency/backoff.ts';
import { IndexFull } from '../search/gallery.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { type OnProgress, tellProgress } from './filling-progress.ts';
import { FeedTruncated } from './gallery-sync.ts';
import type { HeldGallery } from './held-gallery.ts';

/** After how long galleries that could not be loaded at the start are loaded again: soon after a database that was gone is back. */
const pauses: Pauses = { firstMs: 1_000, mostMs: 4_000 };

/** What is loaded, and who is told of it. */
export interface FillingParts {
  readonly stores: ChangeFeeds;
  /** Whose embeddings are counted. */
  readonly model: string;
  readonly galleryOf: (appid: string) => HeldGallery;
  /** How many faces are in memory. */
  readonly faces: () => number;
  /** Called when all galleries have been gone through. */
  readonly onLoaded: () => void;
  readonly onFault: (error: unknown) => void;
  readonly onProgress: OnProgress | undefined;
}

/** The loading at the start. */
export class Filling {
  readonly #parts: FillingParts;
  #state: 'filling' | 'ready' | Error = 'filling';
  #closed = false;
  /** The loading that is under way or was the last, to its end. */
  #running: Promise<void> = Promise.resolve();
  #ready: Promise<void>;
  #counting: Promise<void> = Promise.resolve();
  readonly #backoff = new Backoff(pauses);
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: FillingParts) {
    this.#parts = parts;
    this.#ready = this.#fill();
  }

  /** Whether every gallery is in memory, or it is known that there is no room for all; an error once loading has failed. */
  get state(): 'filling' | 'ready' | Error {
    return this.#state;
  }

  /** Resolves when it is ready; rejects if the register cannot be read, which is tried again later. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Loads no more galleries. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  /** Resolves when nothing is read any more, after it was closed. */
  async ended(): Promise<void> {
    await this.#running.catch(() => {});
    await this.#counting;
  }

  /** Begins to load every gallery. @returns {@link ready}. */
  #fill(): Promise<void> {
    const partly = Promise.withResolvers<void>();
    let isPartly = false;
    this.#running = this.#loadAll(() => {
      this.#state = 'ready';
      isPartly = true;
      partly.resolve();
    });
    const filling = this.#running.then(
      () => {
        this.#state = 'ready';
        this.#backoff.succeed();
      },
      (error: unknown) => {
        if (!this.#closed) this.#retry = setTimeout(() => this.#fillAgain(), this.#backoff.fail()).unref();
        if (this.#state !== 'ready') this.#state = error as Error;
        if (!isPartly) throw error;
        this.#parts.onFault(error);
      },
    );
    return Promise.race([filling, partly.promise]);
  }

  #fillAgain(): void {
    if (this.#state !== 'ready') this.#state = 'filling';
    this.#ready = this.#fill();
    this.#ready.catch(this.#parts.onFault);
  }

  /** @param onPartly called when it turns out that there is no room for all of them. */
  async #loadAll(onPartly: () => void): Promise<void> {
    const { stores, model, faces, galleryOf, onLoaded, onProgress } = this.#parts;
    const appids = await stores.appids();
    using progress = onProgress && tellProgress(stores, model, faces, onProgress);
    this.#counting = progress?.counted ?? Promise.resolve();
    for (const appid of appids) {
      if (this.#closed) return;
      if (!(await this.#load(galleryOf(appid)))) onPartly();
    }
    onLoaded();
  }

  /** False if there is no room for it. */
  async #load(gallery: HeldGallery): Promise<boolean> {
    while (!this.#closed) {
      try {
        await gallery.load();
        return true;
      } catch (error) {
        if (this.#closed) return true;
        if (error instanceof IndexFull) return false;
        // Its changes were pruned meanwhile.
        if (!(error instanceof FeedTruncated)) throw error;
      }
    }
    return true;
  }
}
