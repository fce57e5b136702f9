/** Fills the search index from the database and keeps it in step. */
import type { Gallery } from '../domain/gallery.ts';
import { Refusal } from '../errors/refusals.ts';
import type { Index, IndexSize } from '../search/gallery.ts';
import { openIndex } from '../search/open.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { FeedTruncated, GallerySync } from './gallery-sync.ts';

/**
 * How often the register is looked at for what other processes changed, in milliseconds. Changes are kept in the feed
 * for one to two of these after this process has seen them, so that others that follow it have seen them too.
 */
const roundMs = 60_000;
/** How often it is told how far filling is, in milliseconds. */
const progressMs = 100;

/** What a follower follows, and with what. */
export interface IndexSyncOptions {
  readonly stores: ChangeFeeds;
  /** Whose embeddings are searched, and how long they are. */
  readonly analyzer: { readonly model: string; readonly dimension: number };
  /** Told of what went wrong while nobody waited, or where whoever waited need not know. */
  readonly onFault: (error: unknown) => void;
  /** Told every now and then how many of how many faces can be found, while the index is filled. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** An index that follows the register. */
export interface IndexSync extends AsyncDisposable {
  /** Resolves when everything there was can be found; rejects if it cannot be read. */
  readonly ready: Promise<void>;
  /** The faces of an appid; a search sees whatever was written before it was asked for. */
  galleryOf(appid: string): Gallery;
  /**
   * Follows what this process wrote. It never throws: what was written is written, and no search is answered before
   * the index has caught up.
   */
  notice(appid: string): Promise<void>;
  /** How much can be found. */
  size(): IndexSize;
  /** @throws Error that tells the operator why searches cannot be answered. */
  check(): void;
}

/** Opens an index and begins to fill it. Every write of this process is answered only when the index has seen it. */
export async function openIndexSync(options: IndexSyncOptions): Promise<IndexSync> {
  const sync = new DatabaseIndexSync(options, await openIndex({ dimension: options.analyzer.dimension }));
  options.stores.watch((appid) => sync.notice(appid));
  return sync;
}

class DatabaseIndexSync implements IndexSync {
  readonly #options: IndexSyncOptions;
  #index: Index;
  #galleries = new Map<string, GallerySync>();
  #ready = false;
  #closed = false;
  #fault: Error | undefined;
  /** The filling that is under way or was the last. */
  #filling: Promise<void>;
  #round: Promise<void> = Promise.resolve();
  #counting: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(options: IndexSyncOptions, index: Index) {
    this.#options = options;
    this.#index = index;
    this.#filling = this.#fill();
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#goRound());
    }, roundMs).unref();
  }

  get ready(): Promise<void> {
    return this.#filling;
  }

  galleryOf(appid: string): Gallery {
    return {
      nearest: async (query) => {
        if (!this.#ready) throw new Refusal('keyStoreUnavailable', 'the index is loading');
        try {
          return await this.#galleryOf(appid).nearest(query);
        } catch (error) {
          throw this.#begunAnew(error) ? new Refusal('keyStoreUnavailable', 'the index is loading') : error;
        }
      },
    };
  }

  size(): IndexSize {
    return this.#index.size();
  }

  check(): void {
    if (!this.#ready) throw new Error(`the index is loading: ${this.size().faces} faces so far`);
    if (this.#fault !== undefined) throw this.#fault;
  }

  async notice(appid: string): Promise<void> {
    if (!this.#ready) return;
    await this.#galleryOf(appid)
      .catchUp()
      .then(
        () => {
          this.#fault = undefined;
        },
        (error: Error) => this.#begunAnew(error) || this.#took(error),
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.allSettled([this.#filling, this.#round, this.#counting]);
    await this.#index[Symbol.asyncDispose]();
  }

  #galleryOf(appid: string): GallerySync {
    const known = this.#galleries.get(appid);
    if (known !== undefined) return known;
    const { stores, analyzer } = this.#options;
    const gallery = new GallerySync(stores.feedOf(appid), this.#index.of(appid), analyzer.model);
    this.#galleries.set(appid, gallery);
    return gallery;
  }

  /** Files every registry, one after the other, and then what changed meanwhile. */
  async #fill(): Promise<void> {
    const appids = await this.#options.stores.appids();
    using _ = this.#tellProgress();
    try {
      for (const appid of [...appids, ...appids]) {
        if (this.#closed) return;
        await this.#galleryOf(appid).catchUp();
      }
    } catch (error) {
      if (!(error instanceof FeedTruncated)) throw error;
      return this.#replace();
    }
    this.#ready = true;
    this.#fault = undefined;
  }

  /** Tells how far filling is until it is disposed of. */
  #tellProgress(): Disposable {
    const { stores, analyzer, onProgress } = this.#options;
    if (onProgress === undefined) return { [Symbol.dispose]: () => {} };
    let total = 0;
    const tell = (): void => {
      if (total > 0) onProgress(Math.min(this.size().faces, total), total);
    };
    const timer = setInterval(tell, progressMs).unref();
    // Counted beside the filling, which does not wait for it; without the count there is nothing to tell.
    this.#counting = stores.countFaces(analyzer.model).then(
      (faces) => {
        total = faces;
      },
      () => {},
    );
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        tell();
      },
    };
  }

  /** Whether the index has been overtaken; then it is built anew, and nobody searches it until it is whole. */
  #begunAnew(error: unknown): boolean {
    if (!(error instanceof FeedTruncated)) return false;
    if (!this.#ready) return true;
    this.#ready = false;
    this.#took(error);
    this.#filling = this.#replace();
    this.#filling.catch((cause) => this.#took(cause));
    return true;
  }

  async #replace(): Promise<void> {
    const old = this.#index;
    this.#galleries = new Map();
    this.#index = await openIndex({ dimension: old.dimension });
    await old[Symbol.asyncDispose]();
    await this.#fill();
  }

  /** Follows other processes, and lets the feed forget what everybody has seen. */
  async #goRound(): Promise<void> {
    for (const [appid, gallery] of this.#galleries) {
      if (this.#closed || !this.#ready) return;
      await this.notice(appid);
      await gallery.prune().catch((error) => this.#options.onFault(error));
    }
  }

  #took(error: Error): void {
    this.#fault = error;
    this.#options.onFault(error);
  }
}
