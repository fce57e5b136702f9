/** Slows down who guesses passwords: after some failures, each further attempt has to wait twice as long as the one before. */

/** Failures that cost no wait: people mistype. */
const freeFailures = 4;
/** The longest wait, in milliseconds; it is also how long failures are remembered. */
const waitMaxMs = 15 * 60 * 1_000;
/** The most names and addresses that are remembered; the one that failed longest ago is forgotten first. */
const partiesMax = 10_000;

interface Failures {
  count: number;
  /** Milliseconds since 1970. */
  lastAt: number;
}

/** Counts the failures of parties: names and addresses. */
export class Guesses {
  readonly #now: () => number;
  /** In the order of their last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long until any of the parties may try again, in milliseconds; 0 if all may now. */
  waitOf(...parties: readonly string[]): number {
    return Math.max(...parties.map((party) => this.#waitOf(party)));
  }

  /** Notes a failure before it is known to be one, so that attempts side by side are counted, too. */
  begin(...parties: readonly string[]): void {
    for (const party of parties) {
      const count = (this.#failures.get(party)?.count ?? 0) + 1;
      this.#failures.delete(party);
      this.#failures.set(party, { count, lastAt: this.#now() });
    }
    for (const party of this.#failures.keys()) {
      if (this.#failures.size <= partiesMax) break;
      this.#failures.delete(party);
    }
  }

  /** Forgets the failures of who has succeeded. */
  succeed(...parties: readonly string[]): void {
    for (const party of parties) this.#failures.delete(party);
  }

  #waitOf(party: string): number {
    const failures = this.#failures.get(party);
    if (failures === undefined) return 0;
    const since = this.#now() - failures.lastAt;
    if (since >= waitMaxMs) {
      this.#failures.delete(party);
      return 0;
    }
    if (failures.count <= freeFailures) return 0;
    return Math.max(0, Math.min(waitMaxMs, 1_000 * 2 ** (failures.count - freeFailures - 1)) - since);
  }
}
