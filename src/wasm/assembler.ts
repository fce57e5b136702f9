/** Knows how instructions of WebAssembly are written as bytes: those few that our kernels are made of. */

/** Bytes of code. */
export type Code = readonly number[];

/** A function of a module: numbers in, nothing out. */
export interface Loop {
  readonly name: string;
  readonly body: Code;
}

/** Value types. */
export const i32 = 0x7f;
export const v128 = 0x7b;

/**
 * A module of functions of `parameters` 32-bit integers each, over a shared memory that is imported as `familiar.memory`.
 * The functions see each local variable by its index, parameters first.
 */
export function compileLoops(parameters: number, loops: readonly Loop[]): WebAssembly.Module {
  const sharedMemory = [0x02, 0x03, ...unsigned(1), ...unsigned(65536)];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, [[0x60, ...sized(Array<number>(parameters).fill(i32)), 0x00]]),
      ...section(2, [[...text('familiar'), ...text('memory'), ...sharedMemory]]),
      ...section(
        3,
        loops.map(() => [0]),
      ),
      ...section(
        7,
        loops.map(({ name }, index) => [...text(name), 0x00, index]),
      ),
      ...section(
        10,
        loops.map(({ body }) => sized(body)),
      ),
    ]),
  );
}

/** The body of a function: how many locals of each type follow the parameters, and what is done. */
export function bodyOf(integers: number, vectors: number, code: Code): Code {
  return [2, integers, i32, vectors, v128, ...code, 0x0b];
}

/** The numbers of so many locals, one after another. */
export function indices(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** What follows works on the stack of values, as in the standard's text: each takes its operands from it. */
export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
/** Sets, and leaves the value. */
export const tee = (local: number): Code => [0x22, local];
/** @param value from 0. */
export const constant = (value: number): Code => [0x41, ...signed(value)];
/** Repeats `body`, as long as it leaves anything but 0. */
export const doWhile = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
/** Unsigned. */
export const lessThan: Code = [0x49];
export const add: Code = [0x6a];
export const times: Code = [0x6c];
/** Unsigned. */
export const divide: Code = [0x6e];
/** An integer. */
export const load: Code = [0x28, 2, 0];
/** An integer. */
export const storeInteger: Code = [0x36, 2, 0];
/** A float. */
export const store: Code = [0x38, 2, 0];
export const loadVector = (offset: number): Code => [...vector(0x00), 4, ...unsigned(offset)];
/** Eight bytes, and zeros after them. */
export const loadHalfVector = (offset: number): Code => [...vector(0x5d), 0, ...unsigned(offset)];
export const storeVector: Code = [...vector(0x0b), 0, 0];
/** The first eight bytes. */
export const storeHalfVector: Code = [...vector(0x5b), 0, 0, 0];
/** @param bytes 16. */
export const constantVector = (bytes: readonly number[]): Code => [...vector(0x0c), ...bytes];
export const zeroVector: Code = constantVector(Array<number>(16).fill(0));
/** Sixteen bytes of a vector by their numbers in a second one; the numbers from 128 on give 0. */
export const pickBytes: Code = vector(0x100);
/** Four times the 32 bits of one lane. */
export const spreadLane = (index: number): Code => [
  ...vector(0x0d),
  ...Array.from({ length: 16 }, (_, i) => 4 * index + (i % 4)),
];
/** An integer of four. */
export const integerLane = (index: number): Code => [...vector(0x1b), index];
/** Four integers to floats. */
export const toFloats: Code = vector(0xfa);
/** Four floats to integers, cut off; none may be NaN or too large. */
export const toIntegers: Code = vector(0x101);
/** Eight times a + b, of 16 bits each. */
export const addShorts: Code = vector(0x8e);
/** Eight unsigned integers of 16 bits by as many bits. */
export const shiftShortsRight: Code = vector(0x8d);
/** Sixteen bytes of two times eight integers of 16 bits, none larger than a byte holds. */
export const shortsToBytes: Code = vector(0x66);
/** Four integers by as many bits. */
export const shiftLeft: Code = vector(0xab);
/** Four times a + b. */
export const addVectors: Code = vector(0xe4);
/** Four times a − b. */
export const subtractVectors: Code = vector(0xe5);
/** Four times the smaller one, where neither is NaN. */
export const smallerVectors: Code = vector(0xea);
/** Four times the larger one, where neither is NaN. */
export const largerVectors: Code = vector(0xeb);
/** Four times a × b + c, rounded once or twice, as the processor likes. */
export const multiplyAdd: Code = vector(0x105);
/** The sum of a local's four floats. */
export const sumOfLanes = (local: number): Code => ofLanes(local, [0x92]);
/** The largest of a local's four floats. */
export const largestOfLanes = (local: number): Code => ofLanes(local, [0x97]);

function ofLanes(local: number, join: Code): Code {
  return [...lane(local, 0), ...lane(local, 1), ...join, ...lane(local, 2), ...lane(local, 3), ...join, ...join];
}

function vector(code: number): Code {
  return [0xfd, ...unsigned(code)];
}

function lane(local: number, index: number): Code {
  return [...get(local), ...vector(0x1f), index];
}

/** A section of a module: a list of items. */
function section(id: number, items: readonly Code[]): Code {
  return [id, ...sized([...unsigned(items.length), ...items.flat()])];
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): Code {
  return sized([...value].map((character) => character.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a number from 0: a zero bit follows the last. */
function signed(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
