/** Challenges that browsers have signed by passkeys: each is good once, for one purpose, for five minutes, at the server that gave it out. */

/** How long a challenge is good, in milliseconds. */
const goodMs = 5 * 60 * 1_000;
/** The most challenges that are remembered; the oldest is forgotten first. */
const challengesMax = 10_000;

/** Challenges that were given out and did not come back. */
export class Challenges {
  readonly #now: () => number;
  /** In the order in which they were given out. */
  readonly #given = new Map<string, { readonly purpose: string; readonly until: number }>();

  /** @param now milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers a challenge, and what it is for. */
  give(challenge: string, purpose: string): void {
    this.#given.set(challenge, { purpose, until: this.#now() + goodMs });
    for (const [oldest, { until }] of this.#given) {
      if (this.#given.size <= challengesMax && until > this.#now()) break;
      this.#given.delete(oldest);
    }
  }

  /** Whether it was given out for this purpose and did not come back; it never comes back again. */
  take(challenge: string, purpose: string): boolean {
    const found = this.#given.get(challenge);
    this.#given.delete(challenge);
    return found !== undefined && found.purpose === purpose && this.#now() < found.until;
  }
}
