/** Knows how a picture is halved, by WebAssembly's vectors. */
import {
  add,
  addShorts,
  bodyOf,
  type Code,
  compileLoops,
  constant,
  constantVector,
  doWhile,
  get,
  lessThan,
  loadVector,
  pickBytes,
  set,
  shiftShortsRight,
  shortsToBytes,
  storeHalfVector,
  tee,
} from '../../wasm/assembler.ts';
import { channels, type Pixels } from './pixels.ts';
import { Scratch } from './scratch.ts';

/**
 * Halves a picture by averaging squares of four pixels; an odd last row or column is dropped, so a point at (u, v) of
 * the picture lies at (u / 2, v / 2) of its half.
 * @param pixels at least 2 × 2.
 */
export function halve(pixels: Pixels): Pixels {
  halver ??= new Halver();
  const width = pixels.width >> 1;
  const height = pixels.height >> 1;
  const data = new Uint8Array(width * height * channels);
  const [from, to] = [pixels.width * channels, width * channels];
  for (let y = 0; y < height; y++) {
    const above = pixels.data.subarray(2 * y * from, (2 * y + 1) * from);
    const below = pixels.data.subarray((2 * y + 1) * from, (2 * y + 2) * from);
    data.set(halver.mean(above, below, to), y * to);
  }
  return { data, width, height };
}

/** Halves rows one by one, so that it needs little memory. */
class Halver {
  readonly #scratch = new Scratch();
  readonly #halveRow = bindHalver(this.#scratch.memory);

  /** The means of the squares in two rows; good until the next ones are made. */
  mean(above: Uint8Array, below: Uint8Array, length: number): Uint8Array {
    const stride = above.length + vectorLength;
    const outAt = 2 * stride;
    this.#scratch.reserve(outAt + length + vectorLength);
    const { bytes } = this.#scratch;
    bytes.set(above, 0);
    bytes.set(below, stride);
    this.#halveRow(0, stride, outAt, outAt + length);
    return bytes.subarray(outAt, outAt + length);
  }
}

/** Made when the first picture is halved, one a thread; nothing in it outlasts a call. */
let halver: Halver | undefined;

/** Bytes in a vector. */
const vectorLength = 16;

/**
 * Averages the squares of two rows, whose addresses are given, from `out` on up to `end` or 7 bytes farther; 15 bytes
 * after each row are read.
 */
type HalveRow = (above: number, below: number, out: number, end: number) => void;

function bindHalver(memory: WebAssembly.Memory): HalveRow {
  const module = compileLoops(4, [{ name: 'halveRow', body: halveLoop() }]);
  const { exports } = new WebAssembly.Instance(module, { familiar: { memory } });
  return exports.halveRow as HalveRow;
}

/** The number that picks no byte, but 0. */
const none = 128;
/** Of four pixels the first and third, and the second and fourth, each channel spread to 16 bits. */
const [evens, odds] = [0, channels].map((first) =>
  [first, first + 2 * channels]
    .flatMap((from) => [from, from + 1, from + 2])
    .concat(none, none)
    .flatMap((byte) => [byte, none]),
) as [number[], number[]];
/** 2, eight times. */
const twos = Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 2 : 0));

/**
 * The loop makes two pixels of four and four:
 *
 *     do {
 *       sum = evens of above + odds of above + evens of below + odds of below + 2
 *       *out = sum >> 2
 *       above += 12; below += 12; out += 6
 *     } while (out < end)
 */
function halveLoop(): Code {
  const [above, below, out, end, upper, lower] = [0, 1, 2, 3, 4, 5] as const;
  const picked = (row: number, bytes: readonly number[]): Code => [
    ...get(row),
    ...constantVector(bytes),
    ...pickBytes,
    ...addShorts,
  ];
  const onwards = (local: number, bytes: number): Code => [...get(local), ...constant(bytes), ...add];
  return bodyOf(0, 2, [
    ...doWhile([
      ...[...get(above), ...loadVector(0), ...set(upper), ...get(below), ...loadVector(0), ...set(lower)],
      ...[...get(out), ...constantVector(twos)],
      ...[upper, lower].flatMap((row) => [...picked(row, evens), ...picked(row, odds)]),
      ...[...constant(2), ...shiftShortsRight, ...tee(upper), ...get(upper), ...shortsToBytes, ...storeHalfVector],
      ...[...onwards(above, 4 * channels), ...set(above), ...onwards(below, 4 * channels), ...set(below)],
      ...[...onwards(out, 2 * channels), ...tee(out), ...get(end), ...lessThan],
    ]),
  ]);
}
