/** Decrypts the embeddings of many faces at once. */
import type { KeyObject } from 'node:crypto';
import { decryptInPlace } from './bulk.ts';
import { additionalData, DamagedValueError, type Place } from './cipher.ts';

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
 * The plain bytes of the embeddings, one after the other, in the memory of the batch, which is of no use any more.
 * @throws DamagedValueError that names the first face whose embedding is damaged.
 */
export function decryptBatch({ key, model, values, ...lists }: EncryptedBatch): Uint8Array {
  const faceIds = JSON.parse(lists.faceIds) as readonly string[];
  const lengths = JSON.parse(lists.lengths) as readonly number[];
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== values.length) throw new Error(`embeddings of ${total} bytes were read as ${values.length}`);
  const placeOf = (faceId: string): Place => ['embeddings', faceId, model];
  const dataOf = createAdditionalData(placeOf);
  const plain = decryptInPlace({ key, values, lengths, dataOf: (i) => dataOf(faceIds[i]!) });
  if ('damaged' in plain) throw new DamagedValueError(placeOf(faceIds[plain.damaged]!));
  return values.subarray(0, plain.length);
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
