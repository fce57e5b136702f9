/** One appid's gallery as this process holds it: in memory, or not. */
import type { GalleryQuery, Match } from '../domain/gallery.ts';
import { type Index, IndexFull } from '../search/gallery.ts';
import type { ChangeFeed, WrittenChanges } from './change-feed.ts';
import { FeedTruncated, GallerySync } from './gallery-sync.ts';

/** What a gallery is held with. */
export interface HeldGalleryParts {
  readonly appid: string;
  readonly feed: ChangeFeed;
  readonly index: Index;
  readonly model: string;
  /** Called when the gallery in memory can no longer follow its registry, and is dropped; with the reason. */
  readonly onLost: (gallery: HeldGallery, error: FeedTruncated | IndexFull) => void;
}

/**
 * A gallery that is loaded into memory and dropped again. Only while it is loaded are its faces searched there; a search that
 * begins then ends before they are dropped.
 */
export class HeldGallery {
  readonly appid: string;
  /** When it was searched last, in milliseconds of the caller's clock. */
  usedAt = Number.NEGATIVE_INFINITY;
  /** It is not loaded before this moment: there was no room, or it failed. */
  notBefore = Number.NEGATIVE_INFINITY;
  /** Whether it waits to be loaded. */
  isWanted = false;
  readonly #parts: HeldGalleryParts;
  #state: 'absent' | 'loading' | 'loaded' | 'leaving' = 'absent';
  #sync: GallerySync | undefined;
  /** The loading or dropping that is under way or was the last. */
  #changing: Promise<void> = Promise.resolve();
  /** Searches of the faces in memory, from before they catch up on. */
  readonly #searches = new Set<Promise<unknown>>();
  #marked = 0;
  #forgotten = 0;
  #isClosed = false;

  constructor(parts: HeldGalleryParts) {
    this.appid = parts.appid;
    this.#parts = parts;
  }

  get isLoaded(): boolean {
    return this.#state === 'loaded';
  }

  /** Up to where the faces in memory have seen the changes of the registry; undefined if there are none. */
  get position(): number | undefined {
    return this.#state === 'loaded' ? this.#sync?.position : undefined;
  }

  /** Whether it is neither in memory nor being read into it. */
  get isOut(): boolean {
    return this.#state === 'absent' || this.#state === 'leaving';
  }

  /** Resolves when it is neither being read into memory nor removed from it. */
  async settled(): Promise<void> {
    await this.#changing.catch(() => {});
  }

  /**
   * What the faces in memory say; undefined if they are not there.
   * @throws what following or searching throws, but for what has them dropped.
   */
  async nearest(query: GalleryQuery): Promise<readonly (readonly Match[])[] | undefined> {
    if (this.#state !== 'loaded') return undefined;
    const search = this.#sync!.nearest(query);
    this.#searches.add(search);
    try {
      return await search;
    } catch (error) {
      this.#loseOrThrow(error);
      return undefined;
    } finally {
      this.#searches.delete(search);
    }
  }

  /**
   * Resolves when the faces in memory, if they are there, have seen everything that was written before the call, or what one
   * transaction has written.
   * @throws what following throws, but for what has them dropped.
   */
  async follow(written?: WrittenChanges): Promise<void> {
    if (this.#state !== 'loaded') return;
    const sync = this.#sync!;
    await (written === undefined ? sync.catchUp() : sync.see(written)).catch((error: unknown) =>
      this.#loseOrThrow(error),
    );
  }

  /**
   * Reads the registry into memory, where it can be searched once this resolves.
   * @throws what reading or filing throws, IndexFull and FeedTruncated included; nothing is left in memory then.
   */
  async load(): Promise<void> {
    while (this.#state === 'leaving') await this.#changing;
    if (this.#state === 'absent') this.#changing = this.#load();
    await this.#changing;
  }

  /** Removes the faces from memory, if they are there, once the searches under way have ended. */
  async drop(): Promise<void> {
    if (this.#state === 'loaded') this.#changing = this.#drop();
    await this.#changing.catch(() => {});
  }

  /**
   * Prunes the changes that were behind this process at the call before this one: others that follow have had the time in
   * between. What is not in memory needs no changes.
   */
  async prune(): Promise<void> {
    const { feed } = this.#parts;
    if (this.#state === 'loading' || this.#state === 'leaving') return;
    const seen = this.#state === 'loaded' ? (this.#sync!.position ?? 0) : await feed.position();
    // Positions are lower than they were where the database was put back in time.
    if (seen < this.#marked) [this.#marked, this.#forgotten] = [0, 0];
    const marked = this.#marked;
    this.#marked = seen;
    if (marked <= this.#forgotten) return;
    await feed.prune(marked);
    this.#forgotten = marked;
  }

  /** Ends what is under way; nothing is read afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sync?.close();
    await this.#changing.catch(() => {});
  }

  async #load(): Promise<void> {
    const { appid, feed, index, model } = this.#parts;
    this.#state = 'loading';
    const sync = new GallerySync(feed, index.of(appid), model);
    this.#sync = sync;
    try {
      await sync.catchUp();
      this.#state = 'loaded';
    } catch (error) {
      if (!this.#isClosed) await index.of(appid).clear();
      this.#sync = undefined;
      this.#state = 'absent';
      throw error;
    }
  }

  async #drop(): Promise<void> {
    const { appid, index } = this.#parts;
    this.#state = 'leaving';
    await Promise.allSettled(this.#searches);
    await this.#sync!.close();
    if (!this.#isClosed) await index.of(appid).clear();
    this.#sync = undefined;
    this.#state = 'absent';
  }

  /** Drops faces that can no longer follow. */
  #loseOrThrow(error: unknown): void {
    if (!(error instanceof FeedTruncated || error instanceof IndexFull)) throw error;
    if (this.#state !== 'loaded') return;
    void this.drop();
    this.#parts.onLost(this, error);
  }
}
