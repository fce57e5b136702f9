/** The exact inner product of a row and a probe. */
import type { Layout } from './layout.ts';

/** The inner product in double precision, summed from the first element on, by which searches rank. */
export function innerProduct(row: Float32Array, probe: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < probe.length; i++) sum += row[i]! * probe[i]!;
  return sum;
}

/** Inner products of rows whose halves lie apart. */
export class InnerProduct {
  readonly #layout: Layout;
  readonly #bits: Int32Array;
  readonly #row: Float32Array;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#bits = new Int32Array(layout.dimension);
    this.#row = new Float32Array(this.#bits.buffer);
  }

  /**
   * The product of `probe` with the row whose halves lie in `upper`, the kernel's memory, and in `lower`.
   * @param row its number.
   */
  of(upper: Uint16Array, lower: Uint16Array, row: number, probe: Float32Array): number {
    const { rowsAt, stride, dimension } = this.#layout;
    const [upperAt, lowerAt] = [rowsAt / 2 + row * stride, row * stride];
    for (let i = 0; i < dimension; i++) this.#bits[i] = (upper[upperAt + i]! << 16) | lower[lowerAt + i]!;
    return innerProduct(this.#row, probe);
  }
}
