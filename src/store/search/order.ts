/** What is searched for in the database, and what is found. */
import type { KeyObject } from 'node:crypto';
import type { Found } from '../../search/top-k.ts';

/** What to search for. */
export interface SearchOrder {
  readonly appid: string;
  /** Each once. */
  readonly groupIds: readonly string[];
  readonly model: string;
  readonly probes: readonly Float32Array[];
  readonly count: number;
  /** The appid's data key, and as it is kept; undefined if it has none. */
  readonly key: KeyObject;
  readonly wrapped: Uint8Array;
  /** One 32-bit number: once it is not 0, nobody waits for the answer any more. */
  readonly given: SharedArrayBuffer;
}

/** The best persons for each probe. */
export type Lists = readonly (readonly Found<string>[])[];
