/** AES-256-GCM, as every secret is encrypted: a value opens only with its key, and only in the row that it was made for. */
import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

const algorithm = 'aes-256-gcm';
/** Bytes of a nonce. It is random, which is safe for 2^32 values under one key (NIST SP 800-38D §8.3). */
export const nonceLength = 12;
const tagLength = 16;

/** Bytes of a key. */
export const keyLength = 32;
/** How many bytes more an encrypted value has than its plain text: the nonce before it, the tag after it. */
export const overhead = nonceLength + tagLength;

/**
 * The row and table of a value. GCM authenticates both as additional data, so that a value that was moved to another
 * row does not open.
 */
export type Place = readonly [
  table: 'embeddings' | 'crops' | 'keys' | 'data_keys' | 'audit_ids' | 'corrections' | 'proposals',
  ...row: string[],
];

/** A value cannot be decrypted: its bytes were changed, or it belongs to another key or another row. */
export class DamagedValueError extends Error {
  override readonly name = 'DamagedValueError';
  readonly place: Place;

  constructor(place: Place) {
    const [table, ...row] = place;
    super(`the value in the table ${table}, row ${row.join(' ')}, is damaged or encrypted with another key`);
    this.place = place;
  }
}

/** Random bytes for nonces, of which each is used once: to ask for a few takes as long as to ask for many. */
const nonces = Buffer.alloc(nonceLength * 256);
let noncesUsed = nonces.length;

/** A nonce, to be used before the next one is asked for. */
function nextNonce(): Uint8Array {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces);
    noncesUsed = 0;
  }
  noncesUsed += nonceLength;
  return nonces.subarray(noncesUsed - nonceLength, noncesUsed);
}

/** Encrypts a value for its place. */
export function encrypt(key: KeyObject, plain: Uint8Array, place: Place): Uint8Array<ArrayBuffer> {
  const nonce = nextNonce();
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength });
  cipher.setAAD(additionalData(place));
  // Memory of its own: a slice of Node's pool would be copied between threads with the whole pool.
  const value = new Uint8Array(plain.length + overhead);
  value.set(nonce);
  value.set(cipher.update(plain), nonceLength);
  cipher.final();
  value.set(cipher.getAuthTag(), nonceLength + plain.length);
  return value;
}

/**
 * Decrypts a value of a place; the result has memory of its own.
 * @throws DamagedValueError if it was not encrypted with this key for this place, or was changed since.
 */
export function decrypt(key: KeyObject, value: Uint8Array, place: Place): Uint8Array {
  if (value.length < overhead) throw new DamagedValueError(place);
  const nonce = value.subarray(0, nonceLength);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagLength });
  decipher.setAAD(additionalData(place));
  decipher.setAuthTag(value.subarray(value.length - tagLength));
  const plain = decipher.update(value.subarray(nonceLength, value.length - tagLength));
  try {
    decipher.final();
  } catch {
    throw new DamagedValueError(place);
  }
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}

/** What is authenticated of a place. No table, face id, model or SecretId before the last part has a line feed, so no two places give the same bytes. */
export function additionalData(place: Place): Buffer {
  return Buffer.from(place.join('\n'));
}
