/** Ids that a transaction will touch: their digests take time, and can be made before it. */
import type { KeyObject } from 'node:crypto';
import { encryptId } from './encrypted-ids.ts';
import { digestOf, type IdKind } from './hash.ts';

/** An id that stays registered, as the audit keeps it. */
export interface KeptId {
  readonly digest: string;
  /** The digest, and the id encrypted after it. */
  readonly row: string;
}

/** Makes the digest of an id, and encrypts the id. */
export function keptId(dataKey: KeyObject, kind: IdKind, id: string): KeptId {
  const digest = digestOf(dataKey, kind, id);
  return { digest, row: digest + encryptId(dataKey, digest, id) };
}

/** Ids as the audit keeps them under one data key. */
export class ForeseenIds {
  readonly #dataKey: KeyObject;
  readonly #ids: Readonly<Record<IdKind, Map<string, KeptId>>> = {
    persons: new Map(),
    faces: new Map(),
    groups: new Map(),
  };

  constructor(dataKey: KeyObject) {
    this.#dataKey = dataKey;
  }

  add(kind: IdKind, ids: readonly string[]): void {
    for (const id of ids) this.#ids[kind].set(id, keptId(this.#dataKey, kind, id));
  }

  /** @returns undefined if it was not foreseen, or the appid has another data key by now. */
  find(dataKey: KeyObject, kind: IdKind, id: string): KeptId | undefined {
    return dataKey === this.#dataKey ? this.#ids[kind].get(id) : undefined;
  }
}
