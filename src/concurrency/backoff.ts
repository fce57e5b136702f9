/** Pauses between attempts, which grow as long as the attempts fail. */

/** How pauses grow, in milliseconds. */
export interface Pauses {
  /** After the first failure; each one after that is twice as long as the one before. */
  readonly firstMs: number;
  /** The longest. */
  readonly mostMs: number;
}

/** Counts the failures of one thing that is tried again and again. */
export class Backoff {
  readonly #pauses: Pauses;
  #failures = 0;

  constructor(pauses: Pauses) {
    this.#pauses = pauses;
  }

  /** How many attempts have failed since the last one that succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** Tells that an attempt has failed. @returns how long to wait before the next one, in milliseconds. */
  fail(): number {
    const { firstMs, mostMs } = this.#pauses;
    const pause = Math.min(mostMs, firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return pause;
  }

  /** Tells that an attempt has succeeded: the next failure is the first one. */
  succeed(): void {
    this.#failures = 0;
  }
}
