/** Keeps the searched faces of one appid in step with its registry. */
import { setImmediate } from 'node:timers/promises';
import type { Gallery, GalleryQuery, Match } from '../domain/gallery.ts';
import { type SearchGallery as Faces, IndexFull } from '../search/gallery.ts';
import type { ChangeBatch, ChangeFeed, RegistryChange } from './change-feed.ts';
import { netOf } from './net-changes.ts';

/** How many changes are read and indexed before other work has its turn: some four milliseconds. */
const batchSize = 1_000;

/** Changes were pruned before this follower saw them: it can only begin anew with what the registry holds. */
export class FeedTruncated extends Error {
  override readonly name = 'FeedTruncated';
}

/** A gallery that has seen whatever was written before it is searched. */
export class GallerySync implements Pick<Gallery, 'nearest'> {
  readonly #feed: ChangeFeed;
  readonly #faces: Faces;
  readonly #model: string;
  /** Undefined until what the registry held at first is filed. */
  #position: number | undefined;
  /** Where the feed stood before anything was filed; undefined until then. */
  #begun: number | undefined;
  #marked = 0;
  #forgotten = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  readonly #searches = new Set<Promise<unknown>>();

  /** @param model whose embeddings are searched. */
  constructor(feed: ChangeFeed, faces: Faces, model: string) {
    this.#feed = feed;
    this.#faces = faces;
    this.#model = model;
  }

  /**
   * Resolves when everything that was written before the call can be found, or no longer.
   * @throws FeedTruncated if changes were pruned before they were seen: nobody can be found then, and the next call files
   *   everything anew; and what reading or filing throws, IndexFull included, after which it may be tried again.
   */
  catchUp(): Promise<void> {
    // Calls that come while one pass runs share the next: the pass under way may have read before they were made.
    this.#next ??= this.#running = this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#pass();
      });
    return this.#next;
  }

  /** Whether what the registry held at first is filed, so that only changes are to be filed. */
  get isLoaded(): boolean {
    return this.#position !== undefined;
  }

  async nearest(query: GalleryQuery): Promise<readonly (readonly Match[])[]> {
    await this.catchUp();
    const search = this.#faces.nearest(query);
    this.#searches.add(search);
    try {
      return await search;
    } finally {
      this.#searches.delete(search);
    }
  }

  /** Prunes the changes that had been seen at the call before this one: other followers have had the time in between. */
  async prune(): Promise<void> {
    const marked = this.#marked;
    this.#marked = this.#position ?? 0;
    if (marked <= this.#forgotten) return;
    await this.#feed.prune(marked);
    this.#forgotten = marked;
  }

  async #pass(): Promise<void> {
    try {
      this.#position ??= await this.#load();
      const news = await this.#since(this.#position);
      if (news.changes.length > 0) await this.#apply(news.changes);
      this.#position = news.position;
    } catch (error) {
      if (error instanceof FeedTruncated) await this.#clear();
      throw error;
    }
  }

  /** Forgets everything that is filed, so that the next pass begins anew. */
  async #clear(): Promise<void> {
    await Promise.allSettled(this.#searches);
    await this.#faces.clear();
    this.#position = undefined;
    this.#begun = undefined;
    // Positions may be lower than they were, where the database was put back in time.
    this.#marked = 0;
    this.#forgotten = 0;
  }

  async #since(position: number): Promise<ChangeBatch> {
    const news = await this.#feed.since(position, this.#model);
    if (news === undefined) throw new FeedTruncated('changes were forgotten before the index had seen them');
    return news;
  }

  /**
   * Makes changes; many of them in parts, between which others have their turn. An index that has no room for them all
   * gets what they come to, the removals first; should it be full then, the removals alone are made. No search sees some
   * of the parts: those under way end first, and others wait for this.
   */
  async #apply(changes: readonly RegistryChange[]): Promise<void> {
    if (changes.length > batchSize) await Promise.allSettled(this.#searches);
    for (let i = 0; i < changes.length; i += batchSize) {
      if (i > 0) await setImmediate();
      try {
        await this.#faces.apply(changes.slice(i, i + batchSize));
      } catch (error) {
        if (!(error instanceof IndexFull)) throw error;
        await Promise.allSettled(this.#searches);
        const { removals, departures, additions } = netOf(changes.slice(i));
        for (const step of [removals, departures, additions]) await this.#faces.apply(step);
        return;
      }
    }
  }

  /** Files what there is. @returns the position from which changes make it right. */
  async #load(): Promise<number> {
    // A load that failed may have filed who is erased by now: the changes from where it began tell. They also make room.
    if (this.#begun !== undefined) await this.#faces.apply(netOf((await this.#since(this.#begun)).changes).removals);
    this.#begun ??= await this.#feed.position();
    for await (const batch of this.#feed.contents(this.#model, batchSize)) {
      // Others have their turn, and what asks for the next batch gets to the thread that reads it.
      await setImmediate();
      await this.#apply(batch);
    }
    return this.#begun;
  }
}
