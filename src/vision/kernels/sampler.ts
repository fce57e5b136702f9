/** Knows the machine code that samples pictures: WebAssembly's vectors, a pixel's red, green and blue in one of them. */
import {
  add,
  addVectors,
  bodyOf,
  type Code,
  compileLoops,
  constant,
  constantVector,
  doWhile,
  get,
  indices,
  integerLane,
  largerVectors,
  lessThan,
  loadHalfVector,
  loadVector,
  multiplyAdd,
  pickBytes,
  set,
  smallerVectors,
  spreadLane,
  storeVector,
  subtractVectors,
  tee,
  times,
  toFloats,
  toIntegers,
  zeroVector,
} from '../../wasm/assembler.ts';

/**
 * Fills a crop, pixel by pixel, with bilinear samples of a region of a picture.
 *
 * All addresses are bytes in the kernel's memory. `plan` is laid out by {@link layPlan}. Below `region` lie bytes of red,
 * green and blue, `stride` of them a row; a row and 8 bytes after its last row are read, but weigh nothing. From `out`
 * up to `end` three floats a pixel are written, `rowLength` bytes a row; the 4 bytes at `end` are overwritten too.
 */
export type Sample = (
  plan: number,
  region: number,
  stride: number,
  out: number,
  rowLength: number,
  end: number,
) => void;

/** The order in which a pixel's channels are written. */
export type Order = 'rgb' | 'bgr';

/** How often a pixel of the crop is sampled: in its middle, or in the middles of its quarters. */
export type SampleCount = 1 | 4;

/** The loops for each way of sampling. */
export type Sampler = Readonly<Record<`${Order}${SampleCount}`, Sample>>;

/** Where samples are taken, in pixels of the region, from the middle of its first one; and what becomes of their sum. */
export interface Plan {
  /** The first sample of the crop's first pixel. */
  readonly start: readonly [x: number, y: number];
  /** From a pixel to the one on its right. */
  readonly across: readonly [x: number, y: number];
  /** From a pixel to the one below. */
  readonly down: readonly [x: number, y: number];
  /** The region's last pixel: what lies beyond it, or above 0, is sampled at the border. */
  readonly last: readonly [x: number, y: number];
  /** Makes of the sum of a pixel's samples its value. */
  readonly scale: number;
  /** Is added to a pixel's channels, in the order in which they are written. */
  readonly shift: readonly [number, number, number];
  /** From a pixel's first sample to each of them. */
  readonly samples: { readonly length: SampleCount } & readonly (readonly [x: number, y: number])[];
}

/** Floats in a vector. */
const lanes = 4;
/** Bytes in a vector. */
const vectorLength = 16;
/** Bytes of the longest plan. */
export const planLength = vectorLength * (6 + 4);

/** Writes a plan as the kernel reads it: a vector for each of its entries, in their order. */
export function layPlan(into: Float32Array, { start, across, down, last, scale, shift, samples }: Plan): void {
  const entries = [start, across, down, last, [scale, scale, scale], shift, ...samples];
  entries.forEach((entry, i) => {
    into.set(entry, lanes * i);
  });
}

/** Makes the kernel over `memory`. */
export function bindSampler(memory: WebAssembly.Memory): Sampler {
  const ways = (['rgb', 'bgr'] as const).flatMap((order) => ([1, 4] as const).map((count) => ({ order, count })));
  const module = compileLoops(
    6,
    ways.map(({ order, count }) => ({ name: `${order}${count}`, body: sampleLoop(order, count) })),
  );
  const { exports } = new WebAssembly.Instance(module, { familiar: { memory } });
  return exports as unknown as Sampler;
}

/** Which of eight bytes make the four integers of a pixel that begins at byte `from`: its channels and 0. */
function bytesOf(order: Order, from: number): number[] {
  const [first, second, third] = order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  return [from + first!, from + second!, from + third!, none].flatMap((byte) => [byte, none, none, none]);
}

/** The number that picks no byte, but 0. */
const none = 128;
/** 1 as a float, four times. */
const ones = [0, 1, 2, 3].flatMap(() => [0x00, 0x00, 0x80, 0x3f]);

/**
 * The loop:
 *
 *     row = 0
 *     do {
 *       rowEnd = out + rowLength; column = 0; line = start + row × down
 *       do {
 *         sum = 0
 *         for each sample:
 *           place = line + column × across + sample, no less than 0, no more than last
 *           corner = whole part of place; rest = place − corner
 *           top = the region's pixels at corner, mixed by rest's x; low = those below
 *           sum += top + (low − top) × rest's y
 *         *out = sum × scale + shift; out += 12; column += 1
 *       } while (out < rowEnd)
 *       row += 1
 *     } while (out < end)
 */
function sampleLoop(order: Order, sampleCount: SampleCount): Code {
  const [plan, region, stride, out, rowLength, end, rowEnd, address] = indices(0, 8) as Integers;
  const [start, across, down, last, scale, shift] = indices(8, 6) as Entries;
  const samples = indices(14, sampleCount);
  const vectors = indices(14 + sampleCount, 11) as Vectors;
  const [row, column, line, sum, place, corner, restX, restY, bytes, top, low] = vectors;
  const entries = [start, across, down, last, scale, shift, ...samples];

  /** Two pixels side by side, mixed. */
  const mixed = (into: number): Code => [
    ...[...get(address), ...loadHalfVector(0), ...tee(bytes)],
    ...[...constantVector(bytesOf(order, 0)), ...pickBytes, ...toFloats, ...set(into)],
    ...[
      ...get(bytes),
      ...constantVector(bytesOf(order, 3)),
      ...pickBytes,
      ...toFloats,
      ...get(into),
      ...subtractVectors,
    ],
    ...[...get(restX), ...get(into), ...multiplyAdd, ...set(into)],
  ];
  const sample = (offset: number): Code => [
    ...[...get(across), ...get(column), ...get(line), ...multiplyAdd, ...get(offset), ...addVectors],
    ...[...zeroVector, ...largerVectors, ...get(last), ...smallerVectors, ...tee(place)],
    ...[...toIntegers, ...set(corner)],
    ...[...get(place), ...get(corner), ...toFloats, ...subtractVectors, ...tee(place)],
    ...[...get(place), ...spreadLane(0), ...set(restX)],
    ...[...get(place), ...get(place), ...spreadLane(1), ...set(restY)],
    ...[...get(corner), ...integerLane(1), ...get(stride), ...times],
    ...[...get(corner), ...integerLane(0), ...constant(3), ...times, ...add, ...get(region), ...add, ...set(address)],
    ...mixed(top),
    ...[...get(address), ...get(stride), ...add, ...set(address)],
    ...mixed(low),
    ...[...get(low), ...get(top), ...subtractVectors, ...get(restY), ...get(top), ...multiplyAdd],
    ...[...get(sum), ...addVectors, ...set(sum)],
  ];
  const pixel = [
    ...[...zeroVector, ...set(sum)],
    ...samples.flatMap(sample),
    ...[...get(out), ...get(sum), ...get(scale), ...get(shift), ...multiplyAdd, ...storeVector],
    ...[...get(column), ...constantVector(ones), ...addVectors, ...set(column)],
    ...[...get(out), ...constant(12), ...add, ...tee(out), ...get(rowEnd), ...lessThan],
  ];
  return bodyOf(2, entries.length + vectors.length, [
    ...entries.flatMap((entry, i) => [...get(plan), ...loadVector(vectorLength * i), ...set(entry)]),
    ...[...zeroVector, ...set(row)],
    ...doWhile([
      ...[...get(out), ...get(rowLength), ...add, ...set(rowEnd), ...zeroVector, ...set(column)],
      ...[...get(row), ...get(down), ...get(start), ...multiplyAdd, ...set(line)],
      ...doWhile(pixel),
      ...[...get(row), ...constantVector(ones), ...addVectors, ...set(row)],
      ...[...get(out), ...get(end), ...lessThan],
    ]),
  ]);
}

type Four = [number, number, number, number];
type Integers = [...Four, ...Four];
type Entries = [...Four, number, number];
type Vectors = [...Four, ...Four, number, number, number];
