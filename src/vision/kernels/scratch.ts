/** The memory of kernels. WebAssembly can use no other memory, so data is copied into it, and it never shrinks. */

/** Bytes of a page of WebAssembly's memory, and more pages than a kernel ever needs: 256 MB. */
const pageLength = 65536;
const pagesMax = 4096;

/** The same bytes as a buffer, which copies parts of itself without an object for each: they are many, and garbage. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Memory that grows as needed. */
export class Scratch {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: pagesMax, shared: true });
  #bytes = new Uint8Array(this.memory.buffer);
  #floats = new Float32Array(this.memory.buffer);

  /** The whole memory as bytes; a new object after it has grown. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The whole memory as floats. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** Grows it to at least this many bytes. */
  reserve(length: number): void {
    const missing = length - this.#bytes.length;
    if (missing <= 0) return;
    this.memory.grow(Math.ceil(missing / pageLength));
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#floats = new Float32Array(this.memory.buffer);
  }
}
