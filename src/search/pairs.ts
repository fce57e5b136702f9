/** Finds all pairs of vectors that are near to each other: the vectors of a panel, which is held, with those of batches that pass by. */
import { loadKernel } from '../wasm/load.ts';
import { innerProduct } from './inner-product.ts';
import { bindKernel, type Kernel, layProbe, rowsAtOnce, scoreError, strideOf } from './kernel.ts';

/** Bytes of rows that all vectors of a batch are compared with before the next rows: they stay in the processor's second-level cache. */
const tileBytes = 512 * 1024;
const pageBytes = 64 * 1024;
/** A row that a list is filled up with. */
const noRow = 0;

/** Called with the numbers of two near vectors, that of the panel and that of the batch, and their inner product. */
export type OnPair = (held: number, passing: number, cosine: number) => void;

/** The vectors that are held. */
export class PairPanel {
  readonly #dimension: number;
  readonly #stride: number;
  readonly #batchMost: number;
  readonly #tileRows: number;
  readonly #kernel: Kernel;
  /** In the kernel's memory: row 0, which is nobody's, and the upper halves of the vectors. */
  readonly #upper: Uint16Array;
  readonly #list: Uint32Array;
  readonly #scores: Float32Array;
  readonly #peak: Float32Array;
  readonly #probes: Float32Array;
  /** The vectors themselves. */
  readonly #exact: Float32Array;
  #count = 0;

  /**
   * @param dimension of all vectors, whose lengths are 1 at most.
   * @param most how many vectors are held at most.
   * @param batchMost how many pass by at once at most.
   */
  constructor(dimension: number, most: number, batchMost: number) {
    this.#dimension = dimension;
    this.#stride = strideOf(dimension);
    this.#batchMost = batchMost;
    this.#tileRows = Math.max(rowsAtOnce, Math.floor(tileBytes / (this.#stride * 2) / rowsAtOnce) * rowsAtOnce);
    const rowBytes = (most + 1) * this.#stride * 2;
    const probeBytes = (batchMost + 1) * this.#stride * 4;
    const pages = Math.ceil((rowBytes + probeBytes + this.#tileRows * 12 + 16) / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { buffer } = memory;
    let at = 0;
    const take = (bytes: number): number => {
      const from = at;
      at += bytes;
      return from;
    };
    this.#probes = new Float32Array(buffer, take(probeBytes), probeBytes / 4);
    this.#list = new Uint32Array(buffer, take(this.#tileRows * 4), this.#tileRows);
    this.#scores = new Float32Array(buffer, take(this.#tileRows * 8), this.#tileRows * 2);
    this.#peak = new Float32Array(buffer, take(16), 1);
    this.#upper = new Uint16Array(buffer, take(rowBytes), rowBytes / 2);
    this.#exact = new Float32Array(most * dimension);
    this.#kernel = bindKernel(loadKernel('scan'), memory);
  }

  /**
   * Holds vectors, too; they are numbered on from those that are held.
   * @param rows one after the other.
   */
  hold(rows: Float32Array): void {
    const bits = new Uint32Array(rows.buffer, rows.byteOffset, rows.length);
    const vectors = rows.length / this.#dimension;
    for (let v = 0; v < vectors; v++) {
      const at = (this.#count + v + 1) * this.#stride;
      for (let i = 0; i < this.#dimension; i++) this.#upper[at + i] = bits[v * this.#dimension + i]! >>> 16;
    }
    this.#exact.set(rows, this.#count * this.#dimension);
    this.#count += vectors;
  }

  /**
   * Compares vectors that pass by with all that are held.
   * @param rows one after the other, as many as a batch has at most.
   * @param least the least inner product of a pair that is told.
   */
  compare(rows: Float32Array, least: number, onPair: OnPair): void {
    const [dimension, stride] = [this.#dimension, this.#stride];
    const vectors = rows.length / dimension;
    if (vectors > this.#batchMost) throw new RangeError(`a batch has ${this.#batchMost} vectors at most`);
    const probes = Array.from({ length: vectors }, (_, v) => rows.subarray(v * dimension, (v + 1) * dimension));
    // The kernel takes two at a time: the last one of an odd number is taken twice.
    for (let p = 0; p < vectors; p += 2) {
      layProbe(this.#probes.subarray(p * stride), [probes[p]!, probes[p + 1] ?? probes[p]!], stride);
    }
    const enough = least - scoreError(stride);
    for (let from = 0; from < this.#count; from += this.#tileRows) {
      const listed = Math.min(this.#tileRows, this.#count - from);
      const filled = this.#listRows(from, listed);
      for (let p = 0; p < vectors; p += 2) {
        this.#kernel.scanTwo(
          this.#list.byteOffset,
          filled,
          this.#probes.byteOffset + p * stride * 4,
          this.#scores.byteOffset,
          stride,
        );
        this.#kernel.peak(this.#scores.byteOffset, 2 * filled, this.#peak.byteOffset);
        if (this.#peak[0]! < enough) continue;
        for (let side = 0; side < 2 && p + side < vectors; side++) {
          for (let i = 0; i < listed; i++) {
            if (this.#scores[side * filled + i]! < enough) continue;
            const held = from + i;
            const exact = this.#exact.subarray(held * dimension, (held + 1) * dimension);
            const cosine = innerProduct(exact, probes[p + side]!);
            if (cosine >= least) onPair(held, p + side, cosine);
          }
        }
      }
    }
  }

  /** @returns how long the list is. */
  #listRows(from: number, count: number): number {
    const filled = Math.ceil(count / rowsAtOnce) * rowsAtOnce;
    const rowsAt = this.#upper.byteOffset;
    this.#kernel.list(this.#list.byteOffset, count, rowsAt + (from + 1) * this.#stride * 2, this.#stride);
    this.#list.fill(rowsAt + noRow, count, filled);
    return filled;
  }
}
