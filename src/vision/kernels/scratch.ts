/** The memory in which kernels work on copies: WebAssembly reaches no other, and never gives any back. */

/** Bytes of a page of WebAssembly's memory, and more pages than a kernel ever needs: 256 MB. */
const pageLength = 65536;
const pagesMax = 4096;

/** Memory that grows to what is needed. */
export class Scratch {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: pagesMax, shared: true });
  #bytes = new Uint8Array(this.memory.buffer);
  #floats = new Float32Array(this.memory.buffer);

  /** All of it; another object once it has grown. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same memory. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** Makes it so many bytes long, or leaves it longer. */
  reserve(length: number): void {
    const missing = length - this.#bytes.length;
    if (missing <= 0) return;
    this.memory.grow(Math.ceil(missing / pageLength));
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#floats = new Float32Array(this.memory.buffer);
  }
}
