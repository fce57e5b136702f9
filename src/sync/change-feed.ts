/** The ports to the registries: everything in one, every change of it in order, and a search of its rows. */
import type { GalleryQuery, Match } from '../domain/gallery.ts';

/** One change of a registry. Each may be made twice, and may name what is not there: then nothing happens. */
export type RegistryChange =
  | {
      readonly kind: 'insertFace';
      readonly faceId: string;
      readonly personId: string;
      /** Of the model that was asked for. */
      readonly embedding: Float32Array;
    }
  | { readonly kind: 'removeFace'; readonly faceId: string }
  /** The person goes with every face and membership. */
  | { readonly kind: 'removePerson'; readonly personId: string }
  | { readonly kind: 'joinGroup' | 'leaveGroup'; readonly personId: string; readonly groupId: string };

/** Some of what has happened in a registry since a position. */
export interface ChangeBatch {
  /** The position that the changes lead to. */
  readonly position: number;
  /** In order. */
  readonly changes: readonly RegistryChange[];
  /** Whether there were no more of them when they were read; else the changes of one transaction may be parted here. */
  readonly isLast: boolean;
}

/** What one transaction of this process has changed in a registry. */
export interface WrittenChanges {
  /** The position before them: who has seen all that leads to it needs to read nothing. */
  readonly from: number;
  /** The changes; undefined if they have to be read from the feed. @param model as in {@link ChangeFeed.since}. */
  batch(model: string): ChangeBatch | undefined;
}

/**
 * The changes of one appid's registry, each written in the transaction that makes it. A position is a number of changes
 * from the registry's beginning on; none is ever used twice.
 */
export interface ChangeFeed {
  /** The position of the last change. */
  position(): Promise<number>;
  /**
   * What changed after `position`, in batches of bounded size that are each read when they are asked for; of many, all
   * but the first are read beside the calling thread. Undefined, and nothing after it, if that is no longer kept, and a
   * follower must begin anew. No batch if nothing changed.
   * @param model whose embeddings come with inserted faces; a face without one, or erased since, is left out.
   */
  since(position: number, model: string): AsyncIterable<ChangeBatch | undefined>;
  /**
   * Everything there is, as changes that make it, in batches that are each read when they are asked for. What changes
   * meanwhile may be in them or not; making the changes since a position read before leads to the state at their end.
   */
  contents(model: string, batchSize: number): AsyncIterable<readonly RegistryChange[]>;
  /** Deletes the changes up to `position`, which no follower needs any more. A position beyond the last change deletes no more than all. */
  prune(position: number): Promise<void>;
}

/** How much there is in a registry. */
export interface GallerySize {
  /** Those that a model has embedded. */
  readonly faces: number;
  readonly persons: number;
  readonly groups: number;
  readonly memberships: number;
}

/** The faces of one appid's registry, searched where they are stored. */
export interface DatabaseSearch {
  /**
   * The persons nearest to each probe, as a gallery in memory would find them. It sees the registry as it is at one moment
   * after the call.
   * @param model whose embeddings the probes are, and are searched.
   * @throws the signal's reason if the search still waits for its turn.
   */
  nearest(query: GalleryQuery, model: string): Promise<readonly (readonly Match[])[]>;
  /** Counted beside the calling thread. */
  size(model: string): Promise<GallerySize>;
}

/** The change feeds of every registry, as the index follows them. */
export interface ChangeFeeds {
  /** The appids whose registries have ever held anything. */
  appids(): Promise<readonly string[]>;
  /** The change feed of one appid's registry. */
  feedOf(appid: string): ChangeFeed;
  /** The search of one appid's registry. */
  searchOf(appid: string): DatabaseSearch;
  /** How many faces a model has embedded, in all registries together; read beside the calling thread. */
  countFaces(model: string): Promise<number>;
  /** Whether a failure to read one registry says that others cannot be read either; absent where it always does. */
  concernsAll?(error: unknown): boolean;
  /**
   * Calls `follow` after each transaction of this process that changed what followers see, once it is durable, and waits for it before
   * the write is answered; of changes of other servers it is called without what they are. There is one such function; the last
   * one given counts.
   */
  watch(follow: (appid: string, written?: WrittenChanges) => Promise<void>): void;
}
