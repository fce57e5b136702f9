/** The ports to embeddings that the database itself can search, which it can only if they are not encrypted. */
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** How a database finds the nearest of its vectors: by looking at each, or by a graph that may miss some. */
export type VectorIndex = 'exact' | 'hnsw';

/** What an installation keeps. Vectors are written while it is anything but `off` and `emptying`, and searched when all are there. */
export type VectorState = 'off' | 'filling' | VectorIndex | 'emptying';

/** An embedding as the database can search it. */
export interface VectorOf {
  readonly appid: string;
  readonly faceId: string;
  readonly model: string;
  readonly personId: string;
  readonly embedding: Float32Array;
}

/** A search by vectors for one probe. */
export interface VectorQuery {
  readonly appid: string;
  readonly model: string;
  /** A JSON list; only faces of their members are found. */
  readonly groupIds: string;
  readonly probe: Float32Array;
  /** How many faces are found at most. */
  readonly limit: number;
  readonly index: VectorIndex;
}

/** A face that is near, and its inner product with the probe in single precision. */
export interface NearVector {
  readonly faceId: string;
  readonly score: number;
}

/** A database's vectors, within a transaction. */
export interface Vectors {
  /** Writes the vector of an embedding that the transaction has written, if the installation keeps vectors. */
  insert(trx: Kysely<Tables>, vector: VectorOf): Promise<void>;
  /** Files vectors under another person. @param faceIds a JSON list. */
  giveTo(trx: Kysely<Tables>, appid: string, faceIds: string, personId: string): Promise<void>;
  /** How they are searched; undefined if there are none, or not all of them yet. */
  indexOf(db: Kysely<Tables>): Promise<VectorIndex | undefined>;
  /** The nearest, most similar first; by a graph roughly so. What follows in the transaction is planned to look rows up by their ids. */
  nearest(trx: Kysely<Tables>, query: VectorQuery): Promise<readonly NearVector[]>;
}

/** Told how many of how many vectors are written. */
export type OnVectors = (done: number, total: number) => void;

/** Has an installation keep vectors, or keep none. Interrupted, either goes on when it is asked for again. */
export interface VectorSwitch {
  status(): Promise<VectorStatus>;
  /**
   * Writes a vector beside each embedding, and has them searched once all are there. Servers may run meanwhile.
   * @throws Error for the operator if the extension is not there.
   */
  on(index: VectorIndex, onProgress?: OnVectors): Promise<void>;
  /** Deletes every vector. */
  off(): Promise<void>;
}

/** What there is. */
export interface VectorStatus {
  readonly state: VectorState;
  readonly vectors: number;
  readonly embeddings: number;
}
