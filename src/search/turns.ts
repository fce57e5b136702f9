/** Knows how searches and changes of one gallery take turns, so that neither sees half of the other. */

/**
 * Any number of searches together, or changes one after the other. Whoever waits goes with all of its kind that wait, so a
 * search, or a change, waits for one turn of the others and not for more.
 */
export class Turns {
  #searching = 0;
  #changes: (() => void)[] = [];
  #changed = Promise.withResolvers<void>();

  /** Runs a search; no change happens until it settles. */
  async search<T>(work: () => Promise<T>): Promise<T> {
    while (this.#changes.length > 0) await this.#changed.promise;
    this.#searching += 1;
    try {
      return await work();
    } finally {
      this.#searching -= 1;
      if (this.#searching === 0) this.#change();
    }
  }

  /** Makes a change: at once, or as soon as the searches under way have ended. */
  async change(work: () => void): Promise<void> {
    if (this.#searching === 0) return work();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#changes.push(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  /** Makes the changes that wait, and lets the searches in that wait for them. */
  #change(): void {
    const changes = this.#changes;
    const { resolve } = this.#changed;
    this.#changes = [];
    this.#changed = Promise.withResolvers();
    for (const change of changes) change();
    resolve();
  }
}
