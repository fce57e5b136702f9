/** Keeps the surest of many things. */

/** Those with the highest ranks, as many as are kept. */
export class Most<T> {
  readonly #max: number;
  readonly #rankOf: (item: T) => number;
  #items: T[] = [];
  #least = Number.NEGATIVE_INFINITY;
  /** Whether any had to go. */
  isCut = false;

  constructor(max: number, rankOf: (item: T) => number) {
    this.#max = max;
    this.#rankOf = rankOf;
  }

  /** What does not rank above this is not kept. */
  get floor(): number {
    return this.#least;
  }

  add(item: T): void {
    if (this.#rankOf(item) <= this.#least) {
      this.isCut = true;
      return;
    }
    this.#items.push(item);
    // Sorted seldom: when there are twice as many.
    if (this.#items.length >= 2 * this.#max) this.#cut();
  }

  /** The surest first. */
  items(): readonly T[] {
    this.#cut();
    return this.#items;
  }

  #cut(): void {
    this.#items.sort((a, b) => this.#rankOf(b) - this.#rankOf(a));
    if (this.#items.length <= this.#max) return;
    this.#items.length = this.#max;
    this.#least = this.#rankOf(this.#items.at(-1)!);
    this.isCut = true;
  }
}
