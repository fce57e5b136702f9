/** The interface of the search index: galleries of faces that change, and the nearest faces to a probe. */

/** One change of a {@link SearchGallery}. Each may be repeated, and each may name what is not there: then nothing happens. */
export type Change =
  /** Files a face under a person, who is made if new. Takes the place of a face of the same id. */
  | {
      readonly kind: 'insertFace';
      /** Fits a signed 64-bit integer. */
      readonly faceId: bigint;
      readonly personId: string;
      /** Of the index's dimension and of length 1 within a thousandth. It is copied. */
      readonly embedding: Float32Array;
    }
  | { readonly kind: 'removeFace'; readonly faceId: bigint }
  /** Removes the person with every face and membership. */
  | { readonly kind: 'removePerson'; readonly personId: string }
  /** Puts a person into a group with all faces, those to come included; either is made if new. */
  | { readonly kind: 'joinGroup'; readonly personId: string; readonly groupId: string }
  | { readonly kind: 'leaveGroup'; readonly personId: string; readonly groupId: string };

/** A person who resembles a probe. */
export interface Candidate {
  readonly personId: string;
  /** The person's face that is nearest to the probe; of several, the one with the lowest id. */
  readonly faceId: bigint;
  /** The inner product of the two embeddings, from -1 to 1, as summed in double precision from the first element on. */
  readonly cosine: number;
}

/** What to look for. */
export interface Query {
  /** Embeddings as in {@link Change}; searched together, which is faster than one by one. Beyond 64 others may see later changes. */
  readonly probes: readonly Float32Array[];
  /** Where to look; groups that are not there hold nobody. */
  readonly groupIds: readonly string[];
  /** How many persons to find for each probe, from 1. */
  readonly count: number;
  /** Drops the search if it still waits for its turn. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The faces of one appid. A search sees every change applied before it was asked for, and none half done. Changes go
 * between the slices of searches that are under way, and those searches see them, too.
 */
export interface SearchGallery {
  /**
   * Applies changes, all before any search sees one of them. Resolves when every later search will see them: at once, or
   * within some milliseconds while searches are under way, seldom as late as when they end. The bytes of embeddings that were removed are zero then.
   * @throws RangeError, with nothing changed, for an embedding of another dimension or length, an id of more than 64
   *   bits, and when the index is full.
   */
  apply(changes: readonly Change[]): Promise<void>;
  /**
   * The persons nearest to each probe, one list a probe: each person once, most similar first, and of equals the one
   * with the lower face id.
   * @throws RangeError for a probe of another dimension or length, and for a count below 1; the signal's
   *   reason; an Error if a thread has failed.
   */
  nearest(query: Query): Promise<readonly (readonly Candidate[])[]>;
}

/** How large an index is. */
export interface IndexSize {
  readonly faces: number;
  readonly persons: number;
  /** Bytes of memory that threads share and that have been filled or set aside for the next faces. */
  readonly sharedBytes: number;
}

/** Every gallery of a process, in the same memory and searched by the same threads. */
export interface Index extends AsyncDisposable {
  /** Length of every embedding. */
  readonly dimension: number;
  /** The gallery of an appid; one never sees another. */
  of(appid: string): SearchGallery;
  size(): IndexSize;
}
