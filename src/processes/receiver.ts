/** The end of a pipe in a confined process: requests come in, and answers go out. */
import { Socket } from 'node:net';
import { deserialize } from 'node:v8';
import { encodeHead, headerBytes, lengthsIn, type Message } from './messages.ts';

/** Room for the head of a message, in bytes; it grows for one that is longer. What follows a shorter one is copied out of it. */
const headRoom = 4_096;

/**
 * Receives messages, one after another: the next one comes when the one before was answered. The event loop itself waits for the pipe: a
 * thread that waits for it in a blocking call, and wakes the loop, would be one more to be woken. Long bytes are read to where
 * they stay.
 */
export class Receiver {
  readonly #pipe: Socket;
  #head = Buffer.allocUnsafeSlow(headRoom);
  #headFilled = 0;
  #value: unknown;
  /** Those of the message; undefined until its head is whole. */
  #bytes: Buffer | undefined;
  #bytesFilled = 0;
  #next = Promise.withResolvers<Message | undefined>();

  /** @param fd of the pipe, which is closed with the other end. */
  constructor(fd: number) {
    // Node's types know these options for connections only.
    const onread = { buffer: () => this.#room(), callback: (count: number) => this.#take(count) };
    this.#pipe = new Socket({ fd, onread } as ConstructorParameters<typeof Socket>[0]);
    // The end of the other process may be a reset. Either way there is nobody any more who sends or reads.
    this.#pipe.on('error', () => {});
    this.#pipe.on('close', () => this.#next.resolve(undefined));
    this.#pipe.resume();
  }

  /** Waits for the message after the one that was received last. @returns undefined if the other end is closed. */
  receive(): Promise<Message | undefined> {
    return this.#next.promise;
  }

  /**
   * Answers the message that was received last.
   * @throws DOMException if the value holds something that cannot be copied.
   */
  answer(value: unknown): void {
    const head = encodeHead(value, 0);
    this.#next = Promise.withResolvers();
    if (this.#pipe.destroyed) this.#next.resolve(undefined);
    this.#pipe.write(head);
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    return this.#bytes?.subarray(this.#bytesFilled) ?? this.#head.subarray(this.#headFilled);
  }

  #take(count: number): boolean {
    if (this.#bytes === undefined) this.#takeHead(count);
    else this.#bytesFilled += count;
    if (this.#bytes !== undefined && this.#bytesFilled === this.#bytes.length) this.#deliver(this.#bytes);
    return true;
  }

  #takeHead(count: number): void {
    this.#headFilled += count;
    if (this.#headFilled < headerBytes) return;
    const lengths = lengthsIn(this.#head);
    const end = headerBytes + lengths.value;
    if (this.#headFilled < end) {
      if (end > this.#head.length) this.#growHead(end);
      return;
    }
    this.#value = deserialize(this.#head.subarray(headerBytes, end));
    this.#bytes = Buffer.allocUnsafeSlow(lengths.bytes);
    this.#bytesFilled = this.#head.copy(this.#bytes, 0, end, this.#headFilled);
  }

  #growHead(room: number): void {
    const head = Buffer.allocUnsafeSlow(room);
    this.#head.copy(head, 0, 0, this.#headFilled);
    this.#head = head;
  }

  #deliver(bytes: Buffer): void {
    const message = { value: this.#value, bytes: new Uint8Array(bytes.buffer) };
    // The value may have parts that lie in its head.
    this.#head = Buffer.allocUnsafeSlow(headRoom);
    this.#headFilled = 0;
    this.#value = undefined;
    this.#bytes = undefined;
    this.#next.resolve(message);
  }
}
