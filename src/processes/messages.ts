/**
 * Messages between two processes over a pipe: a value, and bytes that are passed on as they lie. A message is two lengths
 * (unsigned, 32 bits, little-endian), the value as V8 serialises it for other threads, and the bytes.
 */
import { readSync, read as readWithCallback, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';

/** A message as it arrives. */
export interface Message {
  readonly value: unknown;
  /** In a buffer of their own; empty if there are none. */
  readonly bytes: Uint8Array;
}

/** Bytes of the two lengths. */
const headerBytes = 8;

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

const read = promisify(readWithCallback);

/**
 * Waits for a message. While nothing comes, nothing is blocked but a thread of libuv's pool.
 * @param fd a pipe whose reads block.
 * @returns undefined if the other end is closed.
 */
export async function receiveMessage(fd: number): Promise<Message | undefined> {
  const header = Buffer.alloc(headerBytes);
  try {
    const { bytesRead } = await read(fd, header, 0, headerBytes, null);
    if (bytesRead === 0 || !fill(fd, header, bytesRead)) return undefined;
    const lengths = lengthsIn(header);
    const [value, bytes] = [Buffer.allocUnsafeSlow(lengths.value), Buffer.allocUnsafeSlow(lengths.bytes)];
    // What is on its way is read without turns of the event loop: there is nothing else to do.
    if (!fill(fd, value, 0) || !fill(fd, bytes, 0)) return undefined;
    return { value: deserialize(value), bytes: new Uint8Array(bytes.buffer) };
  } catch (error) {
    if (isClosed(error)) return undefined;
    throw error;
  }
}

/**
 * Sends a value.
 * @param fd a pipe whose writes block.
 * @returns whether the other end was open.
 * @throws DOMException if the value holds something that cannot be copied.
 */
export function sendMessage(fd: number, value: unknown): boolean {
  const head = encodeHead(value, 0);
  try {
    for (let at = 0; at < head.length; ) at += writeSync(fd, head, at);
    return true;
  } catch (error) {
    if (isClosed(error)) return false;
    throw error;
  }
}

function lengthsIn(header: Buffer): { readonly value: number; readonly bytes: number } {
  const lengths = { value: header.readUInt32LE(0), bytes: header.readUInt32LE(4) };
  if (lengths.value + lengths.bytes <= messageBytesMax) return lengths;
  throw new Error(`a message of ${lengths.value + lengths.bytes} bytes is too long`);
}

/** Reads until the buffer is full; false if the stream ends before. */
function fill(fd: number, buffer: Buffer, from: number): boolean {
  for (let at = from; at < buffer.length; ) {
    const bytesRead = readSync(fd, buffer, at, buffer.length - at, null);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}

/** A process that ends with messages unread resets the pipe. */
function isClosed(error: unknown): boolean {
  return ['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');
}
