/** The keyed hashes of the audit: of lines, of what is left of pruned ones, and of ids. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { AuditRow } from '../tables.ts';

/** What the first line of a chain takes for the hash of the line before it. */
export const beforeFirst: Uint8Array = new Uint8Array(0);
/** The characters of a digest of an id: 128 bits of an HMAC-SHA-256 in base64url. */
export const digestLength = 22;

/** Where a chain ends, and the appid's data key as it is kept. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly wrapped: Uint8Array | null;
}

/** A line without its hash. */
export type UnhashedRow = Omit<AuditRow, 'hash'>;
/** The kinds of ids; two of different kinds never have one digest. */
export type IdKind = 'persons' | 'faces' | 'groups';

/** The columns of a line by their names: what stands for a row while a query is compiled does not list them. */
export function columnsOf(row: AuditRow): AuditRow {
  return {
    appid: row.appid,
    chain: row.chain,
    sequence: row.sequence,
    at: row.at,
    kind: row.kind,
    actor: row.actor,
    action: row.action,
    ids: row.ids,
    detail: row.detail,
    code: row.code,
    request_id: row.request_id,
    hash: row.hash,
  };
}

/** Hashes lines with a key of the installation: who can write to the database and has no master key can forge none. */
export class LineHasher {
  readonly #lines: KeyObject;
  readonly #stumps: KeyObject;
  readonly #values: KeyObject;

  /** @param dataKey that of the appid '', which is the installation's own. */
  constructor(dataKey: KeyObject) {
    this.#lines = deriveKey(dataKey, 'lines');
    this.#stumps = deriveKey(dataKey, 'stumps');
    this.#values = deriveKey(dataKey, 'values');
  }

  /** The hash of a line. @param previous the hash of the line before it. */
  hash(row: UnhashedRow, previous: Uint8Array): Buffer {
    const { appid, chain, sequence, at, kind, actor, action, ids, detail, code, request_id } = row;
    // As JSON no two lists give the same text.
    const content = JSON.stringify([
      1,
      appid,
      chain,
      sequence,
      at,
      kind,
      actor,
      action,
      ids,
      detail,
      code,
      request_id,
      Buffer.from(previous).toString('base64url'),
    ]);
    return createHmac('sha256', this.#lines).update(content).digest();
  }

  /** What proves that a line was pruned by somebody with the master key, though only its hash is left. */
  seal({ appid, chain, sequence, at, hash }: Pick<AuditRow, 'appid' | 'chain' | 'sequence' | 'at' | 'hash'>): string {
    const content = JSON.stringify([1, appid, chain, sequence, at, Buffer.from(hash).toString('base64url')]);
    return createHmac('sha256', this.#stumps).update(content).digest('base64url');
  }

  /** Tells whether a value is the same as before, and nothing else of it. */
  tell(value: string): string {
    return createHmac('sha256', this.#values).update(value).digest('base64url').slice(0, digestLength);
  }
}

/** The keys for digests by the data keys that they come from; a data key that is not used any more takes its own along. */
const idKeys = new WeakMap<KeyObject, KeyObject>();

/**
 * The digest of an id. Its key comes from the appid's data key: an erased id can be told again by who has the key and names the
 * id, and can be found by nobody; when an appid is ended and its data key destroyed, not even so.
 */
export function digestOf(dataKey: KeyObject, kind: IdKind, id: string): string {
  let key = idKeys.get(dataKey);
  if (key === undefined) {
    key = deriveKey(dataKey, 'ids');
    idKeys.set(dataKey, key);
  }
  return createHmac('sha256', key).update([kind, id].join('\n')).digest('base64url').slice(0, digestLength);
}

/** A key for one purpose: HMAC as a key derivation function (NIST SP 800-108r1, section 4). */
function deriveKey(dataKey: KeyObject, purpose: string): KeyObject {
  return createSecretKey(createHmac('sha256', dataKey).update(`familiar audit ${purpose}`).digest());
}
