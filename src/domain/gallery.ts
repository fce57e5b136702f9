/** The port to search: the persons of some groups who are nearest to a face. */

/** A person who resembles a probe. */
export interface Match {
  readonly personId: string;
  /** The person's face that is nearest to the probe. */
  readonly faceId: string;
}

/** A search. */
export interface GalleryQuery {
  /** Embeddings of the analyzer's model; all are searched at once. */
  readonly probes: readonly Float32Array[];
  /** The groups to search, all of them together; groups that do not exist are empty. */
  readonly groupIds: readonly string[];
  /** How many persons to find for each probe, from 1. */
  readonly count: number;
  /** Drops the search if it still waits for its turn. */
  readonly signal?: AbortSignal | undefined;
  /** Told where the faces were searched, once they are. */
  readonly onSearched?: ((where: SearchPlace) => void) | undefined;
}

/** Where faces are searched: in the memory of this process, or in the database. The answer is the same. */
export type SearchPlace = 'memory' | 'database';

/** The port through which the domain searches the faces of one appid. */
export interface Gallery {
  /**
   * The persons nearest to each probe, one list a probe: each person once, most similar first, of equals the one with
   * the lower face id. It sees everything that was written before the call, and no transaction in part.
   * @throws Refusal `unavailable` while the index is being built, or has no room for the faces of the appid.
   */
  nearest(query: GalleryQuery): Promise<readonly (readonly Match[])[]>;
}
