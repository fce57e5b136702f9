/** Knows the machine code that multiplies rows with probes: WebAssembly's vectors of four floats, over shared memory. */

import {
  add,
  bodyOf,
  type Code,
  compileLoops,
  constant,
  divide,
  doWhile,
  get,
  lessThan,
  load,
  loadVector,
  multiplyAdd,
  set,
  shiftLeft,
  store,
  sumOfLanes,
  tee,
  times,
  zeroVector,
} from './assembler.ts';

/** How many rows a scan of one probe, and of two, walks side by side. */
export const rowsAtOnce = { one: 8, two: 4 } as const;

/** One loop of a {@link Kernel}. The addresses are bytes in the kernel's memory. */
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
  readonly scanOne: Scan;
  readonly scanTwo: Scan;
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
    { name: 'scanOne', body: loop(stride, rowsAtOnce.one, 1) },
    { name: 'scanTwo', body: loop(stride, rowsAtOnce.two, 2) },
  ]);
}

/**
 * One scan:
 *
 *     do {
 *       address[r] = rows[r × count / R] for each of R rows; sum[r, p] = 0
 *       offset = 0; at = probe
 *       do {
 *         even[p], odd[p] = the probes' next vectors
 *         for each r: sum[r, p] += (row << 16) × even[p] + row × odd[p]
 *         at += …; offset += 16
 *       } while (offset < stride × 2)
 *       scores[p × count + r × count / R] = the four lanes of sum[r, p] for each r, p
 *       rows += 4; scores += 4
 *     } while (rows < end)
 */
function loop(stride: number, rowCount: number, probeCount: number): Code {
  const [rows, count, probe, scores, part, end, offset, at, place] = indices(0, 9) as Nine;
  const addresses = indices(9, rowCount);
  const [row, shifted] = indices(9 + rowCount, 2) as [number, number];
  const evens = indices(11 + rowCount, probeCount);
  const odds = indices(11 + rowCount + probeCount, probeCount);
  const sums = addresses.map((_, r) => indices(11 + rowCount + probeCount * (2 + r), probeCount));

  const step = [
    ...evens.flatMap((even, p) => [...get(at), ...loadVector(32 * p), ...set(even)]),
    ...odds.flatMap((odd, p) => [...get(at), ...loadVector(32 * p + 16), ...set(odd)]),
    ...addresses.flatMap((address, r) => [
      ...[...get(address), ...get(offset), ...add, ...loadVector(0), ...set(row)],
      ...[...get(row), ...constant(16), ...shiftLeft, ...set(shifted)],
      ...sums[r]!.flatMap((sum, p) => [
        ...[...get(shifted), ...get(evens[p]!), ...get(sum), ...multiplyAdd, ...set(sum)],
        ...[...get(row), ...get(odds[p]!), ...get(sum), ...multiplyAdd, ...set(sum)],
      ]),
    ]),
    ...[...get(at), ...constant(32 * probeCount), ...add, ...set(at)],
    ...[...get(offset), ...constant(16), ...add, ...tee(offset), ...constant(stride * 2), ...lessThan],
  ];
  const batch = [
    ...[...get(rows), ...set(place)],
    ...addresses.flatMap((address) => [
      ...[...get(place), ...load, ...set(address)],
      ...[...get(place), ...get(part), ...add, ...set(place)],
    ]),
    ...sums.flat().flatMap((sum) => [...zeroVector, ...set(sum)]),
    ...[...constant(0), ...set(offset), ...get(probe), ...set(at)],
    ...doWhile(step),
    ...[...get(scores), ...set(place)],
    // The places of the second probe's scores follow those of the first, so this walks through probes, then rows.
    ...indices(0, probeCount).flatMap((p) =>
      sums.flatMap((ofRow) => [
        ...[...get(place), ...sumOfLanes(ofRow[p]!), ...store],
        ...[...get(place), ...get(part), ...add, ...set(place)],
      ]),
    ),
    ...[...get(scores), ...constant(4), ...add, ...set(scores)],
    ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...lessThan],
  ];
  return bodyOf(5 + rowCount, 2 + probeCount * (2 + rowCount), [
    ...[...get(count), ...constant(4), ...times, ...constant(rowCount), ...divide, ...tee(part)],
    ...[...get(rows), ...add, ...set(end)],
    ...doWhile(batch),
  ]);
}

type Nine = [number, number, number, number, number, number, number, number, number];

function indices(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
