/** Where each embedding lies in memory: upper halves where the kernel scans, lower halves aside. */

import type { InnerProduct } from './inner-product.ts';
import type { Layout } from './layout.ts';
import { IdAllocator, type Int32, type Int64, SharedColumn } from './shared-column.ts';

/** Rows are handed out to groups in blocks of this many, so that the faces of a group lie side by side. */
export const rowsPerBlock = 8;
/** Bytes of a page of WebAssembly memory. */
const pageBytes = 65536;
/** How much the upper halves grow at once, in pages. */
const stepPages = 256;
/** What WebAssembly can address, in pages: 4 GiB. */
const pagesMax = 65536;

/** How many blocks of rows besides that of row 0 WebAssembly can address. */
function blocksIn({ rowsAt, stride }: Layout): number {
  return Math.floor((pagesMax * pageBytes - rowsAt) / (stride * 2 * rowsPerBlock)) - 1;
}

/**
 * The embeddings. The bits of each 32-bit float are divided: the upper half, which is the float cut off after 8
 * significant bits (bfloat16), lies where searches scan; the lower half lies where they look for the few that are
 * near. So a search reads half of the bytes, and no byte is kept twice. Row 0 belongs to nobody and is zero.
 */
export class Rows {
  readonly layout: Layout;
  /** The upper halves, after what the threads have for themselves. */
  readonly memory: WebAssembly.Memory;
  /** The lower halves, two in a number. */
  readonly lower: SharedColumn<Int32>;
  /** Which face a row holds; 0 if none. */
  readonly faceIds: SharedColumn<Int64>;
  /** The number of the person whose face a row holds; 0 if none. */
  readonly owners: SharedColumn<Int32>;
  /** Blocks in use. */
  readonly blocks: IdAllocator;
  /** The kernel's memory: upper halves, two in a number. */
  #upper: Int32Array<ArrayBufferLike>;

  /** @param blocksMax how many blocks of rows there may be besides that of row 0. */
  constructor(layout: Layout, blocksMax = blocksIn(layout)) {
    const rowsMax = (blocksMax + 1) * rowsPerBlock;
    this.layout = layout;
    this.blocks = new IdAllocator(blocksMax);
    const initial = Math.ceil(layout.rowsAt / pageBytes) + 1;
    this.memory = new WebAssembly.Memory({ initial, maximum: pagesMax, shared: true });
    this.lower = new SharedColumn<Int32>(Int32Array, (rowsMax * layout.stride) / 2);
    this.faceIds = new SharedColumn<Int64>(BigInt64Array, rowsMax);
    this.owners = new SharedColumn<Int32>(Int32Array, rowsMax);
    this.#upper = new Int32Array(this.memory.buffer);
    this.#hold(0);
  }

  /** Takes a block of rows that are zero and belong to nobody. The caller has seen to it that there is one. */
  takeBlock(): number {
    const block = this.blocks.take();
    this.#hold(block);
    return block;
  }

  /** Fills a row. */
  write(row: number, faceId: bigint, owner: number, embedding: Float32Array): void {
    const bits = new Int32Array(embedding.buffer, embedding.byteOffset, embedding.length);
    const [upper, lower] = [this.#upper, this.lower.view];
    const even = bits.length & ~1;
    let [upperAt, lowerAt] = [this.#upperAt(row), this.#lowerAt(row)];
    for (let i = 0; i < even; i += 2) {
      const [first, second] = [bits[i]!, bits[i + 1]!];
      upper[upperAt++] = (first >>> 16) | (second & 0xffff0000);
      lower[lowerAt++] = (first & 0xffff) | (second << 16);
    }
    // The last one of an odd dimension has a padding element beside it, which stays zero.
    if (even < bits.length) {
      upper[upperAt] = bits[even]! >>> 16;
      lower[lowerAt] = bits[even]! & 0xffff;
    }
    this.faceIds.view[row] = faceId;
    this.owners.view[row] = owner;
  }

  /** Copies a row over another. */
  copy(from: number, to: number): void {
    this.#upper.copyWithin(this.#upperAt(to), this.#upperAt(from), this.#upperAt(from + 1));
    this.lower.view.copyWithin(this.#lowerAt(to), this.#lowerAt(from), this.#lowerAt(from + 1));
    this.faceIds.view[to] = this.faceIds.view[from]!;
    this.owners.view[to] = this.owners.view[from]!;
  }

  /** Overwrites a row with zeros. */
  erase(row: number): void {
    this.#upper.fill(0, this.#upperAt(row), this.#upperAt(row + 1));
    this.lower.view.fill(0, this.#lowerAt(row), this.#lowerAt(row + 1));
    this.faceIds.view[row] = 0n;
    this.owners.view[row] = 0;
  }

  /** The inner product of a row with a probe. */
  cosine(row: number, probe: Float32Array, product: InnerProduct): number {
    const upper = new Uint16Array(this.memory.buffer);
    return product.of(upper, new Uint16Array(this.lower.buffer), row, probe);
  }

  /** Bytes of shared memory in use or set aside. */
  get bytes(): number {
    const columns = [this.lower, this.faceIds, this.owners];
    return columns.reduce((sum, { buffer }) => sum + buffer.byteLength, this.memory.buffer.byteLength);
  }

  #upperAt(row: number): number {
    return (this.layout.rowsAt + row * this.layout.stride * 2) >>> 2;
  }

  #lowerAt(row: number): number {
    return (row * this.layout.stride) >>> 1;
  }

  /** Grows everything until `block` exists. */
  #hold(block: number): void {
    const rows = (block + 1) * rowsPerBlock;
    this.faceIds.hold(rows);
    this.owners.hold(rows);
    this.lower.hold(this.#lowerAt(rows));
    const missing = (this.#upperAt(rows) - this.#upper.length) * 4;
    if (missing <= 0) return;
    const pages = this.memory.buffer.byteLength / pageBytes;
    this.memory.grow(Math.min(pagesMax - pages, Math.max(stepPages, Math.ceil(missing / pageBytes))));
    this.#upper = new Int32Array(this.memory.buffer);
  }
}
