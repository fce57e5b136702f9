/**
 * Encrypts embeddings and decrypts them. Below the encryption they are little-endian floats on every machine, so that a
 * database can be moved.
 */
import type { KeyObject } from 'node:crypto';
import { endianness } from 'node:os';
import type { FaceEmbedding, NewFace } from '../domain/stores.ts';
import { decrypt, encrypt } from './encryption/cipher.ts';
import type { DecryptingScope } from './scope.ts';

const isLittleEndian = endianness() === 'LE';

/** Encrypts the embedding of a face for its row. */
export function encryptEmbedding(key: KeyObject, { id, model, embedding }: NewFace): Uint8Array {
  return encrypt(key, toBytes(embedding), ['embeddings', id, model]);
}

/**
 * Decrypts an embedding.
 * @throws DamagedValueError if it is damaged.
 */
export function toEmbedding(
  { appid, dataKeys }: DecryptingScope,
  row: { readonly face_id: string; readonly embedding: Uint8Array; readonly wrapped: Uint8Array | null },
  model: string,
): FaceEmbedding {
  const { face_id: faceId } = row;
  const key = dataKeys.open(appid, row.wrapped);
  return { faceId, embedding: fromBytes(decrypt(key, row.embedding, ['embeddings', faceId, model])) };
}

function toBytes(embedding: Float32Array): Uint8Array {
  const bytes = new Uint8Array(embedding.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of embedding.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}

/** The embedding of some bytes: in the same memory where it can be, since an index reads a million of them. */
export function fromBytes(bytes: Uint8Array): Float32Array {
  if (isLittleEndian && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / 4);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
