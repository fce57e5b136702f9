/** Fills the search index from the database and keeps it in step. */

import { Backoff, type Pauses } from '../concurrency/backoff.ts';
import type { Gallery } from '../domain/gallery.ts';
import { Refusal } from '../errors/refusals.ts';
import { type Index, IndexFull, type IndexSize, SearchOutage } from '../search/gallery.ts';
import { type IndexOptions, openIndex } from '../search/open.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { type OnProgress, tellProgress } from './filling-progress.ts';
import { FeedTruncated, GallerySync } from './gallery-sync.ts';

/**
 * How often the registry is checked for changes of other processes, in milliseconds. Changes are kept in the feed
 * for one to two of these after this process has seen them, so that others that follow it have seen them too.
 */
const roundMs = 60_000;
/** After how long what could not be filed is filed again: soon after a database that was gone is back. */
const pauses: Pauses = { firstMs: 1_000, mostMs: 4_000 };

/** What an index is kept in step with, and how. */
export interface IndexSyncOptions {
  readonly stores: ChangeFeeds;
  /** Whose embeddings are searched, and how long they are. */
  readonly analyzer: { readonly model: string; readonly dimension: number };
  /** Opens an empty index; tests open one of their own. */
  readonly openIndex?: ((options: IndexOptions) => Promise<Index>) | undefined;
  /** Called with a fault that no caller waits for, or that the caller need not know. */
  readonly onFault: (error: unknown) => void;
  /** Called several times a second while the index is filled, with how many of how many faces can be found. */
  readonly onProgress?: OnProgress | undefined;
}

/** An index that follows the register. */
export interface IndexSync extends AsyncDisposable {
  /** Resolves when everything there was can be found; rejects if it cannot be read, which is tried again later. */
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
  /** @throws Error that tells the operator why searches cannot be answered, or are answered by fewer threads. */
  check(): void;
}

/** Opens an index and begins to fill it. Every write of this process is answered only when the index has seen it. */
export async function openIndexSync(options: IndexSyncOptions): Promise<IndexSync> {
  const { analyzer, onFault, openIndex: open = openIndex } = options;
  const sync = new DatabaseIndexSync(options, await open({ dimension: analyzer.dimension, onFault }));
  options.stores.watch((appid) => sync.notice(appid));
  return sync;
}

/** The state of index and feed at the moment when the index had no room for a registry. */
interface Unfit {
  /** How many faces and persons were in the index. */
  readonly entries: number;
  /** The position of the registry's feed; undefined if that is not known. */
  readonly position: number | undefined;
}

const loading = (): Refusal => new Refusal('unavailable', 'the index is loading');
const full = (): Refusal => new Refusal('unavailable', 'the index is full');

class DatabaseIndexSync implements IndexSync {
  readonly #options: IndexSyncOptions;
  readonly #index: Index;
  readonly #galleries = new Map<string, GallerySync>();
  /** An error once filling has failed. */
  #state: 'filling' | 'ready' | Error = 'filling';
  #closed = false;
  /** Why the registries of some appids could not be followed when it was last tried. */
  readonly #faults = new Map<string, Error>();
  /** The registries that found no room in the index; nobody searches them. */
  readonly #unfit = new Map<string, Unfit>();
  #isRefiling = false;
  /** The registries of which changes were pruned before they were seen; nobody searches them until they are filed anew. */
  readonly #behind = new Set<string>();
  /** The filling that is under way or was the last. */
  #filling: Promise<void>;
  #round: Promise<void> = Promise.resolve();
  #counting: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  readonly #backoff = new Backoff(pauses);
  #retry: NodeJS.Timeout | undefined;

  constructor(options: IndexSyncOptions, index: Index) {
    this.#options = options;
    this.#index = index;
    this.#filling = this.#track(this.#fill());
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(() => this.#goRound());
    }, roundMs).unref();
  }

  get ready(): Promise<void> {
    return this.#filling;
  }

  galleryOf(appid: string): Gallery {
    const isFull = (): boolean => this.#unfit.size > 0 || this.#index.isFull;
    return {
      get isFull() {
        return isFull();
      },
      nearest: async (query) => {
        if (this.#state !== 'ready' || this.#behind.has(appid)) throw loading();
        if (this.#unfit.has(appid)) throw full();
        try {
          return await this.#galleryOf(appid).nearest(query);
        } catch (error) {
          if (error instanceof FeedTruncated) {
            this.#fallBehind(appid, error);
            throw loading();
          }
          if (error instanceof SearchOutage) throw new Refusal('unavailable', error.message, { cause: error });
          if (!(error instanceof IndexFull)) throw error;
          this.#setAside(appid);
          throw full();
        }
      },
    };
  }

  size(): IndexSize {
    return this.#index.size();
  }

  check(): void {
    if (this.#state === 'filling') throw new Error(`the index is loading: ${this.size().faces} faces so far`);
    if (this.#state instanceof Error) throw this.#state;
    for (const fault of this.#faults.values()) throw fault;
    this.#index.check();
  }

  async notice(appid: string): Promise<void> {
    if (this.#state !== 'ready' || this.#closed) return;
    // To load a registry may take long, and nobody searches it before.
    const isSetAside = this.#unfit.has(appid) || this.#behind.has(appid);
    if (!isSetAside || this.#galleryOf(appid).isLoaded) await this.#follow(appid);
    if (this.#unfit.size === 0 || this.#isRefiling) return;
    this.#isRefiling = true;
    this.#round = this.#round.then(() => this.#refile());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    // One after the other: a round may begin a filling, and a filling a count.
    await this.#round.catch(() => {});
    await this.#filling.catch(() => {});
    await this.#counting;
    await this.#index[Symbol.asyncDispose]();
  }

  /** @param position where the feed stands at least. */
  async #follow(appid: string, position?: number): Promise<void> {
    await this.#galleryOf(appid)
      .catchUp()
      .then(
        () => {
          this.#faults.delete(appid);
          this.#unfit.delete(appid);
          this.#behind.delete(appid);
        },
        (error: Error) => {
          if (error instanceof FeedTruncated) return this.#fallBehind(appid, error);
          if (error instanceof IndexFull) return this.#setAside(appid, position);
          this.#faults.set(appid, error);
          this.#options.onFault(error);
        },
      );
  }

  /** Keeps a registry from being searched of which changes were missed, and files it anew; the others are searched. */
  #fallBehind(appid: string, cause: FeedTruncated): void {
    if (this.#closed || this.#state !== 'ready' || this.#behind.has(appid)) return;
    this.#behind.add(appid);
    this.#options.onFault(new Error(`the faces of appid ${appid} are filed anew: ${cause.message}`, { cause }));
    this.#fileAnew();
  }

  /** Files what is behind; what fails is tried again. */
  #fileAnew(): void {
    clearTimeout(this.#retry);
    this.#round = this.#round.then(async () => {
      for (const appid of this.#behind) if (!this.#closed) await this.#follow(appid);
      if (this.#behind.size === 0) this.#backoff.succeed();
      else if (!this.#closed) this.#retry = setTimeout(() => this.#fileAnew(), this.#backoff.fail()).unref();
    });
  }

  /** Keeps a registry that the index has no room for from being searched, until there is room. */
  #setAside(appid: string, position?: number): void {
    const isNew = !this.#unfit.has(appid);
    this.#unfit.set(appid, { entries: this.#entries, position });
    this.#behind.delete(appid);
    if (isNew) this.#options.onFault(new Error(`the index is full: the faces of appid ${appid} cannot be searched`));
  }

  get #entries(): number {
    const { faces, persons } = this.size();
    return faces + persons;
  }

  /** Files the registries that found no room, if something has gone from the index since, or the registry has changed. */
  async #refile(): Promise<void> {
    this.#isRefiling = false;
    for (const [appid, { entries, position }] of this.#unfit) {
      if (this.#closed || this.#state !== 'ready') return;
      const feed = this.#options.stores.feedOf(appid);
      const now = await feed.position().catch(() => undefined);
      if (now === undefined || now !== position || this.#entries < entries) await this.#follow(appid, now);
    }
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
    const { stores, analyzer, onProgress } = this.#options;
    using progress = onProgress && tellProgress(stores, analyzer.model, () => this.size().faces, onProgress);
    this.#counting = progress?.counted ?? Promise.resolve();
    for (const appid of [...appids, ...appids]) {
      if (this.#closed) return;
      if (!this.#unfit.has(appid)) await this.#file(appid);
    }
    this.#state = 'ready';
  }

  /** A registry that the index has no room for does not keep the others from being searched. */
  async #file(appid: string): Promise<void> {
    while (!this.#closed) {
      try {
        return await this.#galleryOf(appid).catchUp();
      } catch (error) {
        if (error instanceof IndexFull) return this.#setAside(appid);
        // What was missed is among what the next call files.
        if (!(error instanceof FeedTruncated)) throw error;
      }
    }
  }

  #beginAnew(): void {
    this.#state = 'filling';
    this.#filling = this.#track(this.#fill());
    this.#filling.catch((error) => this.#options.onFault(error));
  }

  /** Has the state tell of a filling that fails, and fills again later. */
  async #track(filling: Promise<void>): Promise<void> {
    try {
      await filling;
      this.#backoff.succeed();
    } catch (error) {
      this.#state = error as Error;
      if (!this.#closed) this.#retry = setTimeout(() => this.#beginAnew(), this.#backoff.fail()).unref();
      throw error;
    }
  }

  /** Follows other processes, and lets the feed forget what everybody has seen. */
  async #goRound(): Promise<void> {
    await this.#refile();
    for (const [appid, gallery] of this.#galleries) {
      if (this.#closed || this.#state !== 'ready') return;
      if (this.#unfit.has(appid) || this.#behind.has(appid)) continue;
      await this.#follow(appid);
      await gallery.prune().catch((error) => this.#options.onFault(error));
    }
  }
}
