/** The interface of the search index: galleries of faces that change, and the nearest faces to a probe. */

import type { GalleryQuery, Match } from '../domain/gallery.ts';
import type { GallerySize, RegistryChange } from '../sync/change-feed.ts';
import type { Amounts } from './room.ts';

/** The index has no room for changes. */
export class IndexFull extends RangeError {
  override readonly name = 'IndexFull';

  constructor() {
    super('the index is full');
  }
}

/** No search can be answered, since no thread can be started. */
export class SearchOutage extends Error {
  override readonly name = 'SearchOutage';

  constructor(cause: unknown) {
    super('no thread that searches can be started', { cause });
  }
}

/**
 * The faces of one appid. A search sees every change applied before it was asked for, and none half done. Changes go
 * between the slices of searches that are under way, and those searches see them, too.
 */
export interface SearchGallery {
  /**
   * Applies changes, all before any search sees one of them. Resolves when every later search will see them: at once, or
   * within some milliseconds while searches are under way, seldom as late as when they end. The bytes of embeddings that were removed are zero then.
   * @param changes the embeddings are of the index's dimension and of length 1 within a thousandth, and are copied; face
   *   ids are whole numbers of 64 bits in decimal digits.
   * @throws RangeError, with nothing changed, for an embedding or a face id that is not so; IndexFull likewise.
   */
  apply(changes: readonly RegistryChange[]): Promise<void>;
  /**
   * Removes everything, in parts between which others have their turn. Searches under way see what is left. What it held
   * is free for other galleries then. Nothing may be applied meanwhile.
   */
  clear(): Promise<void>;
  /**
   * The persons nearest to each probe, one list a probe: each person once, most similar first, and of equals the one
   * with the lower face id. Similarity is the inner product of two embeddings, as summed in double precision from the
   * first element on.
   * @param query its probes are searched together, which is faster than one by one; those beyond 64 may see later changes
   *   than the first.
   * @throws RangeError for a probe of another dimension or length, and for a count below 1; the signal's
   *   reason; SearchOutage; what threads died of if that happened twice for this search.
   */
  nearest(query: GalleryQuery): Promise<readonly (readonly Match[])[]>;
}

/** How large an index is. */
export interface IndexSize {
  readonly faces: number;
  readonly persons: number;
  /** Bytes of memory that threads share and that have been filled or set aside for the next faces. */
  readonly sharedBytes: number;
}

/** How searches wait. */
export interface SearchActivity {
  /** How many have begun. */
  readonly begun: number;
  /** How long those have waited to begin, added up, in milliseconds. */
  readonly waitedMs: number;
  /** How many wait now. */
  readonly waiting: number;
}

/** Every gallery of a process, in the same memory and searched by the same threads. */
export interface Index extends AsyncDisposable {
  /** Length of every embedding. */
  readonly dimension: number;
  /** The gallery of an appid; one never sees another. */
  of(appid: string): SearchGallery;
  size(): IndexSize;
  activity(): SearchActivity;
  /**
   * Whether there is room for a gallery of a size.
   * @param spare what would be given back before.
   */
  hasRoomFor(size: GallerySize, spare?: Amounts): boolean;
  /** What galleries would give back if they were dropped. */
  amountsOf(appids: readonly string[]): Amounts;
  /** @throws Error while a thread that searches has ended and is being replaced; the others search. */
  check(): void;
}
