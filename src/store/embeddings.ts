/**
 * Encrypts embeddings and decrypts them. Below the encryption they are little-endian floats on every machine, so that a
 * database can be moved.
 */
import type { KeyObject } from 'node:crypto';
import { endianness } from 'node:os';
import type { FaceEmbedding, NewFace } from '../domain/stores.ts';
import { decrypt, encrypt } from './encryption/cipher.ts';
import type { OpeningScope } from './scope.ts';

const isLittleEndian = endianness() === 'LE';

/** Encrypts the embedding of a face for its row. */
export function encryptEmbedding(
  key: KeyObject,
  { id, model, embedding }: Pick<NewFace, 'id' | 'model' | 'embedding'>,
): Uint8Array {
  return encrypt(key, toBytes(embedding), ['embeddings', id, model]);
}

/**
 * Decrypts an embedding.
 * @throws DamagedValueError if it is damaged.
 */
export function toEmbedding(
  { appid, dataKeys }: OpeningScope,
  row: { readonly face_id: string; readonly embedding: Uint8Array; readonly wrapped: Uint8Array | null },
  model: string,
): FaceEmbedding {
  const { face_id: faceId } = row;
  const key = dataKeys.open(appid, row.wrapped);
  return { faceId, embedding: fromBytes(decrypt(key, row.embedding, ['embeddings', faceId, model])) };
}

/** The bytes of an embedding: little-endian floats, in the same memory where it can be. */
export function toBytes(embedding: Float32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  const bytes = new Uint8Array(embedding.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of embedding.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}

/** The embedding of some bytes: in the same memory where it can be, since an index reads a million of them. */
export function fromBytes(bytes: Uint8Array): Float32Array {
  const embedding = floatsOf(bytes);
  return endsWithHash(embedding) ? withoutHash(embedding) : embedding;
}

/**
 * Embeddings of the built-in recogniser used to have 256 numbers: the person's 192, and a hash of the photograph of
 * 64, which together were this short. The rows of those days stay as they are: without their hash, and scaled to unit length
 * again, they are what the recogniser gives today.
 */
const hashed = { length: 256, personLength: 192, hashSize: 0.01 } as const;

/** No other model's embedding is meant: the last quarter of a vector of unit length would not be so short. */
function endsWithHash(embedding: Float32Array): boolean {
  if (embedding.length !== hashed.length) return false;
  return sumOfSquares(embedding.subarray(hashed.personLength)) < (1.01 * hashed.hashSize) ** 2;
}

function withoutHash(embedding: Float32Array): Float32Array {
  const person = embedding.slice(0, hashed.personLength);
  const size = Math.sqrt(sumOfSquares(person));
  for (let i = 0; i < person.length; i++) person[i] = person[i]! / size;
  return person;
}

function sumOfSquares(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
}

/** Numbers as they are kept, whatever they mean. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  if (isLittleEndian && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 4);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
