/**
 * Messages between two processes over a pipe: a value, and bytes that are passed on as they lie. A message is two lengths
 * (unsigned, 32 bits, little-endian), the value as V8 serialises it for other threads, and the bytes.
 */
import { deserialize, serialize } from 'node:v8';

/** A message as it arrives. */
export interface Message {
  readonly value: unknown;
  /** In a buffer of their own; empty if there are none. */
  readonly bytes: Uint8Array;
}

/** Bytes of the two lengths. */
export const headerBytes = 8;

/** Length of the longest message that is taken: far above a picture, and far below what could exhaust the memory. */
export const messageBytesMax = 2 ** 28;

/**
 * The head of a message, after which its bytes follow.
 * @throws DOMException if the value holds something that cannot be copied, as a function.
 */
export function encodeHead(value: unknown, byteLength: number): Uint8Array {
  const encoded = serialize(value);
  const head = Buffer.allocUnsafe(headerBytes + encoded.length);
  head.writeUInt32LE(encoded.length, 0);
  head.writeUInt32LE(byteLength, 4);
  head.set(encoded, headerBytes);
  return head;
}

/** Puts the messages of a stream together again, whatever pieces they come in. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /**
   * Takes a piece of the stream.
   * @returns the messages that are whole with it.
   * @throws Error if a message is longer than {@link messageBytesMax} or is not one.
   */
  push(piece: Buffer): readonly Message[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const messages: Message[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): Message | undefined {
    if (this.#length < headerBytes) return undefined;
    if (this.#pieces[0]!.length < headerBytes) this.#join();
    const lengths = lengthsIn(this.#pieces[0]!);
    const end = headerBytes + lengths.value + lengths.bytes;
    if (this.#length < end) return undefined;
    const all = this.#join();
    this.#pieces = end < all.length ? [all.subarray(end)] : [];
    this.#length -= end;
    const bytesAt = headerBytes + lengths.value;
    return {
      value: deserialize(all.subarray(headerBytes, bytesAt)),
      bytes: Uint8Array.from(all.subarray(bytesAt, end)),
    };
  }

  #join(): Buffer {
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

/**
 * The lengths that a message begins with.
 * @throws Error if it is longer than {@link messageBytesMax}.
 */
export function lengthsIn(header: Buffer): { readonly value: number; readonly bytes: number } {
  const lengths = { value: header.readUInt32LE(0), bytes: header.readUInt32LE(4) };
  if (lengths.value + lengths.bytes <= messageBytesMax) return lengths;
  throw new Error(`a message of ${lengths.value + lengths.bytes} bytes is too long`);
}
