/**
 * Holds galleries in memory within a budget, keeps them in step with the database, and has the others searched there
 * (docs/decisions/0020-index-memory.md).
 */
import type { Gallery, GalleryQuery, Match } from '../domain/gallery.ts';
import { Refusal } from '../errors/refusals.ts';
import { type Index, type IndexSize, type SearchActivity, SearchOutage } from '../search/gallery.ts';
import { type IndexOptions, openIndex } from '../search/open.ts';
import type { ChangeFeeds, WrittenChanges } from './change-feed.ts';
import { Filling } from './filling.ts';
import type { OnProgress } from './filling-progress.ts';
import { FeedTruncated } from './gallery-sync.ts';
import { HeldGallery } from './held-gallery.ts';
import { GalleryLoader } from './loader.ts';

/**
 * How often the registries are checked for changes of other processes, in milliseconds. Changes are kept in the feed
 * for one to two of these after this process has seen them, so that others that follow it have seen them too.
 */
const roundMs = 60_000;
/** What galleries are kept in step with, and how. */
export interface IndexSyncOptions {
  readonly stores: ChangeFeeds;
  /** Whose embeddings are searched, and how long they are. */
  readonly analyzer: { readonly model: string; readonly dimension: number };
  /** Bytes of memory that galleries may take, now if it is a function; as many as can be addressed by default. */
  readonly bytesMax?: number | (() => number) | undefined;
  /** Opens an empty index; tests open one of their own. */
  readonly openIndex?: ((options: IndexOptions) => Promise<Index>) | undefined;
  /** Called with a fault that no caller waits for, or that the caller need not know. */
  readonly onFault: (error: unknown) => void;
  /** Called several times a second while galleries are loaded at the start, with how many of how many faces are in memory. */
  readonly onProgress?: OnProgress | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/** What is in memory. */
export interface HeldSize extends IndexSize {
  /** Galleries that are searched in memory. */
  readonly galleries: number;
}

/** Galleries that follow the register. */
export interface IndexSync extends AsyncDisposable {
  /**
   * Resolves when every gallery is in memory, or it is known that there is no room for all of them; rejects if the register
   * cannot be read, which is tried again later. Faces are found from the start on.
   */
  readonly ready: Promise<void>;
  /** The faces of an appid; a search sees whatever was written before it was asked for. */
  galleryOf(appid: string): Gallery;
  /**
   * Follows what was written: by a transaction of this process if that is given. It never throws: what was written is written,
   * and no search is answered before it has caught up.
   */
  notice(appid: string, written?: WrittenChanges): Promise<void>;
  /** How much is in memory. */
  size(): HeldSize;
  /** How searches of them wait. */
  searches(): SearchActivity;
  /** Up to where galleries in memory have seen the changes of their registries, by appid. */
  positions(): ReadonlyMap<string, number>;
  /** @throws Error that tells the operator why searches cannot be answered, or are answered by fewer threads. */
  check(): void;
}

/** Opens an index and begins to load the galleries. Every write of this process is answered only when those in memory have seen it. */
export async function openIndexSync(options: IndexSyncOptions): Promise<IndexSync> {
  const { analyzer, bytesMax, onFault, openIndex: open = openIndex, stores } = options;
  const sync = new DatabaseIndexSync(options, await open({ dimension: analyzer.dimension, bytesMax, onFault }));
  stores.watch((appid, written) => sync.notice(appid, written));
  return sync;
}

class DatabaseIndexSync implements IndexSync {
  readonly #options: IndexSyncOptions;
  readonly #index: Index;
  readonly #galleries = new Map<string, HeldGallery>();
  readonly #loader: GalleryLoader;
  readonly #now: () => number;
  #closed = false;
  /** Why the registries of some appids could not be followed when it was last tried. */
  readonly #faults = new Map<string, Error>();
  readonly #filling: Filling;
  #round: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(options: IndexSyncOptions, index: Index) {
    this.#options = options;
    this.#index = index;
    this.#now = options.now ?? (() => performance.now());
    const { stores, analyzer, onFault, onProgress } = options;
    this.#loader = new GalleryLoader({
      index,
      now: this.#now,
      held: () => this.#galleries.values(),
      sizeOf: (appid) => stores.searchOf(appid).size(analyzer.model),
      onFault,
    });
    this.#filling = new Filling({
      stores,
      model: analyzer.model,
      galleryOf: (appid) => this.#galleryOf(appid),
      faces: () => this.size().faces,
      onLoaded: () => this.#faults.clear(),
      onFault,
      onProgress,
    });
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#goRound()).catch(onFault);
    }, roundMs).unref();
  }

  get ready(): Promise<void> {
    return this.#filling.ready;
  }

  galleryOf(appid: string): Gallery {
    return { nearest: (query) => this.#nearest(this.#galleryOf(appid), query) };
  }

  size(): HeldSize {
    const galleries = [...this.#galleries.values()].filter(({ isLoaded }) => isLoaded).length;
    return { ...this.#index.size(), galleries };
  }

  searches(): SearchActivity {
    return this.#index.activity();
  }

  positions(): ReadonlyMap<string, number> {
    const positions = new Map<string, number>();
    for (const { appid, position } of this.#galleries.values())
      if (position !== undefined) positions.set(appid, position);
    return positions;
  }

  check(): void {
    const { state } = this.#filling;
    if (state === 'filling') throw new Error(`the index is loading: ${this.size().faces} faces so far`);
    if (state instanceof Error) throw state;
    const { stores } = this.#options;
    for (const fault of this.#faults.values()) if (stores.concernsAll?.(fault) !== false) throw fault;
    this.#index.check();
  }

  async notice(appid: string, written?: WrittenChanges): Promise<void> {
    if (this.#closed) return;
    const isNew = !this.#galleries.has(appid);
    const gallery = this.#galleryOf(appid);
    // A registry that has just been begun is small, and will be searched.
    if (isNew && this.#filling.state === 'ready') this.#loader.want(gallery);
    await this.#follow(gallery, written);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#filling.close();
    this.#loader.close();
    await Promise.all([...this.#galleries.values()].map((gallery) => gallery.close()));
    // One after the other: a round may have a gallery loaded, and a filling begins a count.
    await this.#round;
    await this.#filling.ended();
    await this.#loader.idle();
    await this.#index[Symbol.asyncDispose]();
  }

  async #nearest(gallery: HeldGallery, query: GalleryQuery): Promise<readonly (readonly Match[])[]> {
    if (this.#closed) throw new Error('the index is closed');
    gallery.usedAt = this.#now();
    const held = await gallery.nearest(query).catch((error: unknown) => {
      if (error instanceof SearchOutage) throw new Refusal('unavailable', error.message, { cause: error });
      throw error;
    });
    if (held !== undefined) {
      query.onSearched?.('memory');
      return held;
    }
    if (this.#filling.state === 'ready') this.#loader.want(gallery);
    const { stores, analyzer } = this.#options;
    const found = await stores.searchOf(gallery.appid).nearest(query, analyzer.model);
    query.onSearched?.('database');
    return found;
  }

  /** Follows a registry, if its faces are in memory. */
  async #follow(gallery: HeldGallery, written?: WrittenChanges): Promise<void> {
    try {
      await gallery.follow(written);
      this.#faults.delete(gallery.appid);
    } catch (error) {
      if (this.#closed) return;
      this.#faults.set(gallery.appid, error as Error);
      this.#options.onFault(error);
    }
  }

  #galleryOf(appid: string): HeldGallery {
    const known = this.#galleries.get(appid);
    if (known !== undefined) return known;
    const { stores, analyzer } = this.#options;
    const gallery = new HeldGallery({
      appid,
      feed: stores.feedOf(appid),
      index: this.#index,
      model: analyzer.model,
      onLost: (lost, error) => this.#lose(lost, error),
    });
    this.#galleries.set(appid, gallery);
    return gallery;
  }

  /** A gallery that missed changes is loaded again at once; one that has grown too large waits for its next search. */
  #lose(gallery: HeldGallery, error: Error): void {
    this.#faults.delete(gallery.appid);
    if (this.#closed || !(error instanceof FeedTruncated)) return;
    const { message } = error;
    this.#options.onFault(
      new Error(`the faces of appid ${gallery.appid} are loaded anew: ${message}`, { cause: error }),
    );
    this.#loader.want(gallery);
  }

  /** Follows other processes, and lets the feeds forget what everybody has seen. */
  async #goRound(): Promise<void> {
    if (this.#closed || this.#filling.state !== 'ready') return;
    for (const appid of await this.#options.stores.appids()) {
      if (this.#closed) return;
      const gallery = this.#galleryOf(appid);
      await this.#follow(gallery);
      await gallery.prune().catch((error) => this.#options.onFault(error));
    }
  }
}
