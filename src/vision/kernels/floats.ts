/**
 * Lends arrays of numbers that are used again, as the inputs of networks are. Those of a picture with four faces are four megabytes
 * outside of the heap: left to the collector, each second picture would be a collection of the whole heap.
 */

/** An array that is lent until it is disposed of. */
export interface LentFloats extends Disposable {
  /** Of the length that was asked for; it holds whatever was in it before. */
  readonly values: Float32Array;
}

/** Arrays that nobody has, by their length: few, since networks have few sizes, and one picture is analysed at a time. */
const free = new Map<number, Float32Array[]>();

/** Lends an array of numbers, which is somebody else's after it is disposed of. */
export function lendFloats(length: number): LentFloats {
  const kept = free.get(length) ?? [];
  free.set(length, kept);
  const values = kept.pop() ?? new Float32Array(length);
  return { values, [Symbol.dispose]: () => void kept.push(values) };
}
