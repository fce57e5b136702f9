/** Stores an embedding as little-endian floats on every machine, so that a database can be moved. */
import { endianness } from 'node:os';

const isLittleEndian = endianness() === 'LE';

/** The bytes of an embedding. */
export function toBytes(embedding: Float32Array): Uint8Array {
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
