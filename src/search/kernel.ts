/** How rows are multiplied with probes: the kernel `src/wasm/scan.as.ts`, how it is fed, and how far its scores may be off. */
import { bindTo } from '../wasm/load.ts';

/** A list of rows is of a length that is a multiple of this. */
export const rowsAtOnce = 8;

/** The length of a row is a multiple of this many halves. */
const strideStep = 16;

/** The length in halves of a row that holds an embedding: its dimension, filled up with zeros. */
export function strideOf(dimension: number): number {
  return Math.ceil(dimension / strideStep) * strideStep;
}

/**
 * One loop over rows. The addresses are bytes in the kernel's memory; `stride` is the length of a row in halves, as
 * {@link strideOf} gives it.
 */
type Scan = (rows: number, count: number, probe: number, scores: number, stride: number) => void;

/**
 * Inner products of many rows with one or two probes at once, in single precision.
 *
 * `rows` is a list of the rows' addresses, `count` its length, a multiple of {@link rowsAtOnce}. The list is cut
 * into as many even parts as rows are walked at once, one from each part, so that each part is a stream that the
 * processor reads ahead: rows that follow each other in the list should do so in memory. `probe` is laid out by
 * {@link layProbe}. Scores are written as floats in the order of the list, those of a second probe after those of the first.
 */
export interface Kernel {
  /** One probe, four rows at once: the fastest where they follow each other. */
  readonly scanOne: Scan;
  /** One probe, eight rows at once: the fastest where they lie anywhere. */
  readonly scanApart: Scan;
  /** Two probes. */
  readonly scanTwo: Scan;
  /** Writes the addresses of `count` rows, one or more, that follow each other from `address` on. */
  readonly list: (rows: number, count: number, address: number, stride: number) => void;
  /** Writes the largest of some scores, `count` as above, at `into`. */
  readonly peak: (scores: number, count: number, into: number) => void;
}

/** The kernel over `memory`. */
export function bindKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  return bindTo(memory, module) as unknown as Kernel;
}

/**
 * Writes probes as the kernel reads them: of every 8 elements the even ones of each probe, then the odd ones, because a
 * vector of 8 upper halves becomes the even elements by a shift, and is the odd ones as it stands.
 */
export function layProbe(into: Float32Array, probes: readonly Float32Array[], stride: number): void {
  let at = 0;
  for (let element = 0; element < stride; element += 8) {
    for (const probe of probes) {
      for (const parity of [0, 1]) {
        for (let lane = 0; lane < 4; lane++) into[at++] = probe[element + 2 * lane + parity] ?? 0;
      }
    }
  }
}

/**
 * How far a score is at most from the inner product of a row with a probe, if both had length 1. A half cut off, or
 * left standing below its neighbour, changes an element by less than 2^-7 of itself, and so, by Cauchy and
 * Schwarz, the product by less than 2^-7; rounding adds at most 2^-24 of the sum of magnitudes for each of fewer than
 * `stride` steps, and we allow twice that.
 */
export function scoreError(stride: number): number {
  return 2 ** -7 + (stride + 8) * 2 ** -23;
}
