/** How the kernel's memory is divided. */
import { strideOf } from './kernel.ts';

/** Where things lie in the kernel's memory. */
export interface Layout {
  /** Elements of an embedding. */
  readonly dimension: number;
  /** 16-bit halves from one row to the next: the dimension, filled up with zeros. */
  readonly stride: number;
  /** Bytes at the front of the memory that each thread has for itself. */
  readonly scratchBytes: number;
  /** Byte address of row 0. */
  readonly rowsAt: number;
}

/**
 * Where the first row lies within a page of 4096 bytes: not where its lower halves do. Processors that predict cache
 * ways from addresses (AMD's) would let each store of one half evict the other, and write five times slower.
 */
const rowsOffset = 2048 + 64;

/** Divides the kernel's memory. */
export function layOut(dimension: number, threads: number, scratchBytes: number): Layout {
  const stride = strideOf(dimension);
  return { dimension, stride, scratchBytes, rowsAt: Math.ceil((threads * scratchBytes) / 4096) * 4096 + rowsOffset };
}
