/** Knows the machine code that multiplies rows with probes: WebAssembly's vectors of four floats, over shared memory. */

import {
  add,
  addVectors,
  bodyOf,
  type Code,
  compileLoops,
  constant,
  divide,
  doWhile,
  get,
  indices,
  largerVectors,
  largestOfLanes,
  lessThan,
  load,
  loadVector,
  multiplyAdd,
  set,
  shiftLeft,
  store,
  storeInteger,
  sumOfLanes,
  tee,
  times,
  zeroVector,
} from '../wasm/assembler.ts';

/** A list of rows is of a length that is a multiple of this. */
export const rowsAtOnce = 8;

/** One loop over rows. The addresses are bytes in the kernel's memory. */
type Scan = (rows: number, count: number, probe: number, scores: number) => void;

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
  readonly list: (rows: number, count: number, address: number) => void;
  /** Writes the largest of some scores, `count` as above, at `into`. */
  readonly peak: (scores: number, count: number, into: number) => void;
}

/** The kernel over `memory`, which is bound to rows of this many halves. */
export function bindKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const { exports } = new WebAssembly.Instance(module, { familiar: { memory } });
  return exports as unknown as Kernel;
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

/** Makes the kernel for rows of `stride` halves, a multiple of 8. */
export function compileKernel(stride: number): WebAssembly.Module {
  return compileLoops(4, [
    { name: 'scanOne', body: scanLoop({ stride, rowCount: 4, probeCount: 1, sumsApart: true }) },
    { name: 'scanApart', body: scanLoop({ stride, rowCount: 8, probeCount: 1, sumsApart: false }) },
    { name: 'scanTwo', body: scanLoop({ stride, rowCount: 4, probeCount: 2, sumsApart: false }) },
    { name: 'list', body: listLoop(stride) },
    { name: 'peak', body: peakLoop() },
  ]);
}

/** How a scan is made: eight sums in all are as many as keep the processor's multipliers busy. */
interface Shape {
  readonly stride: number;
  /** Rows at once. */
  readonly rowCount: number;
  readonly probeCount: number;
  /** Whether the even and the odd elements of a row have a sum each. */
  readonly sumsApart: boolean;
}

/**
 * One scan:
 *
 *     do {
 *       address[r] = rows[r × count / R] for each of R rows; even[r, p], odd[r, p] = 0
 *       at = probe
 *       do {
 *         for each of some vectors:
 *           evens[p], odds[p] = the probes' next vectors; row = the next of address[r]
 *           for each r: even[r, p] += (row << 16) × evens[p]; odd[r, p] += row × odds[p]
 *         address[r] += …; at += …
 *       } while (at < last)
 *       scores[p × count + r × count / R] = the lanes of even[r, p] + odd[r, p] for each r, p
 *       rows += 4; scores += 4
 *     } while (rows < end)
 */
function scanLoop({ stride, rowCount, probeCount, sumsApart }: Shape): Code {
  const [rows, count, probe, scores, part, end, last, at, place] = indices(0, 9) as Nine;
  const addresses = indices(9, rowCount);
  const [row, shifted] = indices(9 + rowCount, 2) as [number, number];
  const evens = indices(11 + rowCount, probeCount);
  const odds = indices(11 + rowCount + probeCount, probeCount);
  const sumsOf = (from: number) => addresses.map((_, r) => indices(from + r * probeCount, probeCount));
  const even = sumsOf(11 + rowCount + 2 * probeCount);
  const odd = sumsApart ? sumsOf(even.at(-1)!.at(-1)! + 1) : even;
  const vectors = stepOf(stride / 8);

  const vector = (v: number): Code => [
    ...evens.flatMap((vector, p) => [...get(at), ...loadVector(32 * (probeCount * v + p)), ...set(vector)]),
    ...odds.flatMap((vector, p) => [...get(at), ...loadVector(32 * (probeCount * v + p) + 16), ...set(vector)]),
    ...addresses.flatMap((address, r) => [
      ...[...get(address), ...loadVector(16 * v), ...set(row)],
      ...[...get(row), ...constant(16), ...shiftLeft, ...set(shifted)],
      ...evens.flatMap((_, p) => [
        ...[...get(shifted), ...get(evens[p]!), ...get(even[r]![p]!), ...multiplyAdd, ...set(even[r]![p]!)],
        ...[...get(row), ...get(odds[p]!), ...get(odd[r]![p]!), ...multiplyAdd, ...set(odd[r]![p]!)],
      ]),
    ]),
  ];
  const step = [
    ...indices(0, vectors).flatMap(vector),
    ...addresses.flatMap((address) => [...get(address), ...constant(16 * vectors), ...add, ...set(address)]),
    ...[...get(at), ...constant(32 * probeCount * vectors), ...add, ...tee(at), ...get(last), ...lessThan],
  ];
  const sums = [...new Set([even, odd])].flat(2);
  const join = (r: number, p: number): Code =>
    sumsApart ? [...get(even[r]![p]!), ...get(odd[r]![p]!), ...addVectors, ...set(even[r]![p]!)] : [];
  const batch = [
    ...[...get(rows), ...set(place)],
    ...addresses.flatMap((address) => [
      ...[...get(place), ...load, ...set(address)],
      ...[...get(place), ...get(part), ...add, ...set(place)],
    ]),
    ...sums.flatMap((sum) => [...zeroVector, ...set(sum)]),
    ...[...get(probe), ...set(at), ...get(probe), ...constant(stride * 4 * probeCount), ...add, ...set(last)],
    ...doWhile(step),
    ...[...get(scores), ...set(place)],
    // The places of the second probe's scores follow those of the first, so this walks through probes, then rows.
    ...indices(0, probeCount).flatMap((p) =>
      indices(0, rowCount).flatMap((r) => [
        ...[...join(r, p), ...get(place), ...sumOfLanes(even[r]![p]!), ...store],
        ...[...get(place), ...get(part), ...add, ...set(place)],
      ]),
    ),
    ...[...get(scores), ...constant(4), ...add, ...set(scores)],
    ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...lessThan],
  ];
  return bodyOf(5 + rowCount, 2 + 2 * probeCount + sums.length, [
    ...[...get(count), ...constant(4), ...times, ...constant(rowCount), ...divide, ...tee(part)],
    ...[...get(rows), ...add, ...set(end)],
    ...doWhile(batch),
  ]);
}

/** How many of a row's vectors are taken a step: as many as divide them evenly, and no more than pays. */
function stepOf(vectors: number): number {
  return indices(1, 8).findLast((step) => vectors % step === 0)!;
}

/** The addresses of rows side by side. */
function listLoop(stride: number): Code {
  const [rows, count, address, , end] = indices(0, 5) as Five;
  return bodyOf(1, 0, [
    ...[...get(rows), ...get(count), ...constant(4), ...times, ...add, ...set(end)],
    ...doWhile([
      ...[...get(rows), ...get(address), ...storeInteger],
      ...[...get(address), ...constant(stride * 2), ...add, ...set(address)],
      ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...lessThan],
    ]),
  ]);
}

/** The largest of scores, eight at a time. */
function peakLoop(): Code {
  const [scores, count, into, , end, first, second] = indices(0, 7) as Seven;
  return bodyOf(1, 2, [
    ...[...get(scores), ...get(count), ...constant(4), ...times, ...add, ...set(end)],
    ...[...get(scores), ...loadVector(0), ...tee(first), ...set(second)],
    ...doWhile([
      ...[...get(first), ...get(scores), ...loadVector(0), ...largerVectors, ...set(first)],
      ...[...get(second), ...get(scores), ...loadVector(16), ...largerVectors, ...set(second)],
      ...[...get(scores), ...constant(32), ...add, ...tee(scores), ...get(end), ...lessThan],
    ]),
    ...[...get(first), ...get(second), ...largerVectors, ...set(first)],
    ...[...get(into), ...largestOfLanes(first), ...store],
  ]);
}

type Five = [number, number, number, number, number];
type Seven = [...Five, number, number];
type Nine = [...Seven, number, number];
