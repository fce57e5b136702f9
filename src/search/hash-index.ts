/** A hash index whose keys are kept elsewhere; it grows in small steps, without a pause. */

/** A power of two. A table grows by doubling, so the more tables there are, the less is copied at once. */
const tableCount = 64;
const smallestTable = 8;

/** How a {@link HashIndex} hashes a key, and reads back the key of a number. */
export interface Keys<K> {
  /** 32 well-mixed bits. */
  hashOf(key: K): number;
  /** The key of a number that is in the index. */
  keyOf(number: number): K;
}

/**
 * Numbers above 0, found by their keys: open addressing over tables of 32-bit numbers, 8 to 16 bytes a number where a
 * `Map` needs 40 and, at a million keys, 70 ms to grow.
 */
export class HashIndex<K> {
  readonly #keys: Keys<K>;
  readonly #tables: (Int32Array | undefined)[] = new Array(tableCount).fill(undefined);
  readonly #counts = new Int32Array(tableCount);

  constructor(keys: Keys<K>) {
    this.#keys = keys;
  }

  /** The number under `key`, or 0. */
  find(key: K): number {
    const hash = this.#keys.hashOf(key);
    const table = this.#tables[hash & (tableCount - 1)];
    return table === undefined ? 0 : table[this.#seek(table, hash, key)]!;
  }

  /** Stores `number` under `key` and replaces what was there. */
  set(key: K, number: number): void {
    const hash = this.#keys.hashOf(key);
    const index = hash & (tableCount - 1);
    const table = this.#roomFor(index);
    const at = this.#seek(table, hash, key);
    if (table[at] === 0) this.#counts[index]! += 1;
    table[at] = number;
  }

  /** Removes `key`, which must be in the index. */
  delete(key: K): void {
    const hash = this.#keys.hashOf(key);
    const index = hash & (tableCount - 1);
    const table = this.#tables[index]!;
    this.#closeGap(table, this.#seek(table, hash, key));
    this.#counts[index]! -= 1;
    // An index that was emptied takes no memory.
    if (this.#counts[index] === 0) this.#tables[index] = undefined;
  }

  /** How many numbers there are. */
  get size(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Bytes of its tables. */
  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.byteLength ?? 0), 0);
  }

  /** Every number, in no order. Those that come while this goes on may be missing, and those that go may be among them. */
  *numbers(): Generator<number, void> {
    // A copy of each table, since whoever deletes moves others about.
    for (const table of this.#tables) yield* table?.filter((number) => number !== 0) ?? [];
  }

  /** Where `key` is, or the empty place where it would be. */
  #seek(table: Int32Array, hash: number, key: K): number {
    const mask = table.length - 1;
    let at = homeIn(table, hash);
    while (table[at] !== 0 && this.#keys.keyOf(table[at]!) !== key) at = (at + 1) & mask;
    return at;
  }

  /** Moves later entries forward, so that no search for them stops at the gap. */
  #closeGap(table: Int32Array, gap: number): void {
    const mask = table.length - 1;
    for (let at = (gap + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = homeIn(table, this.#keys.hashOf(this.#keys.keyOf(table[at]!)));
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      table[gap] = table[at]!;
      gap = at;
    }
    table[gap] = 0;
  }

  /** The table, doubled if it would be more than half full: each place that is checked in vain costs reading its key. */
  #roomFor(index: number): Int32Array {
    const old = this.#tables[index];
    if (old !== undefined && this.#counts[index]! < old.length / 2) return old;
    const table = new Int32Array(old === undefined ? smallestTable : old.length * 2);
    this.#tables[index] = table;
    for (const number of old ?? []) {
      if (number === 0) continue;
      const key = this.#keys.keyOf(number);
      table[this.#seek(table, this.#keys.hashOf(key), key)] = number;
    }
    return table;
  }
}

/** The low bits of a hash choose the table, the others the place in it. */
function homeIn(table: Int32Array, hash: number): number {
  return (hash >>> 6) & (table.length - 1);
}

/** Hash of a text: FNV-1a over UTF-16 units, finished as in MurmurHash3. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finish(hash);
}

// Both words of a number: arithmetic on a bigint takes ten times as long.
const words64 = new BigInt64Array(1);
const words = new Int32Array(words64.buffer);

/** Hash of a whole number of 64 bits. */
export function hashInteger(value: bigint): number {
  words64[0] = value;
  const [low, high] = [words[0]!, words[1]!];
  return finish(Math.imul(low, 0x9e3779b1) ^ finish(high));
}

/** MurmurHash3's finalizer: every bit of the input may change every bit of the result. */
function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
