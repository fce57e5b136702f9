/** Keeps things that come and go all the time. */

/**
 * Things, each in a slot until it is taken. A `Map` would do, but for its memory: whenever one in which entries come and go is full,
 * it makes a new table, to which the old one points. Once an old table, with what it held, has been moved to V8's old heap, all
 * that come after it are kept alive until the whole heap is collected.
 */
export class Slots<T> {
  readonly #slots: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Puts a thing into a slot. @returns the slot's number. */
  put(value: T): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = value;
    return slot;
  }

  /** Takes the thing out of a slot, which is free from then on. Undefined if it was free before. */
  take(slot: number): T | undefined {
    const value = this.#slots[slot];
    if (value === undefined) return undefined;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    return value;
  }

  /** All things, in no order. */
  list(): readonly T[] {
    return this.#slots.filter((value) => value !== undefined);
  }
}
