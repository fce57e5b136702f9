/** Decrypts the embeddings of many faces at once. */
import type { KeyObject } from 'node:crypto';
import { decrypt, overhead } from './cipher.ts';

/** Embeddings of one model, encrypted. */
export interface EncryptedBatch {
  /** The appid's data key. */
  readonly key: KeyObject;
  readonly model: string;
  /** JSON list of face ids: as a text it goes to another thread ten times as fast as as a list. */
  readonly faceIds: string;
  /** JSON list of the bytes of each encrypted embedding. */
  readonly lengths: string;
  /** The encrypted embeddings, one after the other. */
  readonly values: Uint8Array;
}

/**
 * The plain bytes of the embeddings, one after the other, in memory of their own.
 * @throws DamagedValueError that names the first face whose embedding is damaged.
 */
export function decryptBatch({ key, model, values, ...lists }: EncryptedBatch): Uint8Array<ArrayBuffer> {
  const faceIds = JSON.parse(lists.faceIds) as readonly string[];
  const lengths = JSON.parse(lists.lengths) as readonly number[];
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== values.length) throw new Error(`embeddings of ${total} bytes were read as ${values.length}`);
  // One that is too short to be encrypted is damaged, as `decrypt` says.
  const plain = new Uint8Array(lengths.reduce((sum, length) => sum + Math.max(0, length - overhead), 0));
  let [from, to] = [0, 0];
  for (const [i, faceId] of faceIds.entries()) {
    const end = from + lengths[i]!;
    const embedding = decrypt(key, values.subarray(from, end), ['embeddings', faceId, model]);
    plain.set(embedding, to);
    from = end;
    to += embedding.length;
  }
  return plain;
}
