/** Decrypts the embeddings of many faces at once. */
import type { KeyObject } from 'node:crypto';
import { additionalData, DamagedValueError, decryptWith, overhead, type Place } from './cipher.ts';

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
  const placeOf = (faceId: string): Place => ['embeddings', faceId, model];
  const dataOf = createAdditionalData(placeOf);
  let [from, to] = [0, 0];
  for (const [i, faceId] of faceIds.entries()) {
    const end = from + lengths[i]!;
    const embedding = decryptWith(key, values.subarray(from, end), dataOf(faceId));
    if (embedding === undefined) throw new DamagedValueError(placeOf(faceId));
    plain.set(embedding, to);
    from = end;
    to += embedding.length;
  }
  return plain;
}

/** Makes the additional data of one face after the other, in the same memory while their ids are equally long. */
function createAdditionalData(placeOf: (faceId: string) => Place): (faceId: string) => Uint8Array {
  const idAt = Buffer.byteLength(`${placeOf('')[0]}\n`);
  let data: Buffer = Buffer.alloc(0);
  let idLength = -1;
  return (faceId) => {
    const isLike = Buffer.byteLength(faceId) === idLength;
    if (isLike) data.write(faceId, idAt);
    else data = additionalData(placeOf(faceId));
    idLength = isLike ? idLength : Buffer.byteLength(faceId);
    return data;
  };
}
