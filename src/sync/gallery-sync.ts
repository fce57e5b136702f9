/** Keeps the faces of one appid that are in memory in step with its registry. */
import { setImmediate } from 'node:timers/promises';
import type { Gallery, GalleryQuery, Match } from '../domain/gallery.ts';
import type { SearchGallery as Faces } from '../search/gallery.ts';
import type { ChangeBatch, ChangeFeed, RegistryChange, WrittenChanges } from './change-feed.ts';

/** How many changes are read and indexed before other work has its turn: some four milliseconds. */
const batchSize = 1_000;

/** Changes were pruned before this follower saw them: only a new gallery can follow from here. */
export class FeedTruncated extends Error {
  override readonly name = 'FeedTruncated';
}

/** A gallery that has seen whatever was written before it is searched. */
export class GallerySync implements Gallery {
  readonly #feed: ChangeFeed;
  readonly #faces: Faces;
  readonly #model: string;
  /** Undefined until what the registry held at first is filed. */
  #position: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** How many passes are under way or wait. */
  #passes = 0;
  readonly #searches = new Set<Promise<unknown>>();
  #isClosed = false;

  /**
   * @param faces those of the appid: none yet.
   * @param model whose embeddings are searched.
   */
  constructor(feed: ChangeFeed, faces: Faces, model: string) {
    this.#feed = feed;
    this.#faces = faces;
    this.#model = model;
  }

  /**
   * Resolves when everything that was written before the call can be found, or no longer.
   * @throws FeedTruncated; and what reading or filing throws, IndexFull included. It may be tried again, unless what the
   *   registry held at first was not filed yet: then the faces have to be dropped.
   */
  catchUp(): Promise<void> {
    // Calls that come while one pass runs share the next: the pass under way may have read before they were made.
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#pass();
    });
    return this.#next;
  }

  /**
   * Resolves when what a transaction of this process changed can be found, or no longer.
   * @throws as {@link catchUp} does.
   */
  async see(written: WrittenChanges): Promise<void> {
    // To read the same from the database takes as long as to write it.
    const isNext = this.#passes === 0 && this.#position === written.from;
    const batch = isNext ? written.batch(this.#model) : undefined;
    if (batch === undefined || batch.changes.length > batchSize) return this.catchUp();
    await this.#inTurn(() => this.#take(batch));
  }

  /** Up to where the changes have been seen; undefined until what the registry held at first is filed. */
  get position(): number | undefined {
    return this.#position;
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

  /** Reads and files nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running.catch(() => {});
    await Promise.allSettled(this.#searches);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#passes += 1;
    this.#running = this.#running
      .catch(() => {})
      .then(work)
      .finally(() => {
        this.#passes -= 1;
      });
    return this.#running;
  }

  async #pass(): Promise<void> {
    this.#position ??= await this.#load();
    for await (const batch of this.#since(this.#position)) await this.#take(batch);
  }

  async #take({ changes, position, isLast }: ChangeBatch): Promise<void> {
    // No search sees a part of them: those under way end first, and others wait for this pass.
    if (!isLast || changes.length > batchSize) await Promise.allSettled(this.#searches);
    await this.#apply(changes);
    this.#position = position;
  }

  async *#since(position: number): AsyncGenerator<ChangeBatch, void> {
    this.#throwIfClosed();
    for await (const batch of this.#feed.since(position, this.#model)) {
      if (batch === undefined) throw new FeedTruncated('changes were forgotten before the index had seen them');
      yield batch;
      // Of many batches the rest is of no use; one that is the last has been filed.
      if (!batch.isLast) this.#throwIfClosed();
    }
  }

  /** Makes changes; many of them in parts, between which others have their turn. */
  async #apply(changes: readonly RegistryChange[]): Promise<void> {
    for (let i = 0; i < changes.length; i += batchSize) {
      if (i > 0) await setImmediate();
      await this.#faces.apply(changes.slice(i, i + batchSize));
    }
  }

  /** Files what there is. @returns the position from which changes make it right. */
  async #load(): Promise<number> {
    const begun = await this.#feed.position();
    for await (const batch of this.#feed.contents(this.#model, batchSize)) {
      this.#throwIfClosed();
      // Others have their turn, and what asks for the next batch gets to the thread that reads it.
      await setImmediate();
      await this.#apply(batch);
    }
    return begun;
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw new Error('the gallery is closed');
  }
}
