/** Limits how often parties may do something in a second: alone, or together with other processes that share a count. */

/** What a process may use of a second's count. */
export interface RateLease {
  /** How often it may be done. */
  readonly granted: number;
  /** Whether nothing is left of the second. */
  readonly isLast: boolean;
  /** How long the second lasts from the moment on when the lease was asked for, in milliseconds. */
  readonly forMs: number;
}

/** A count that several processes share. */
export interface RateLeases {
  /**
   * Takes a part of what a party may do in this second.
   * @param max how often the party may do it in a second, in all processes together.
   * @param needed how often this process is about to do it.
   */
  take(party: string, max: number, needed: number): Promise<RateLease>;
}

/** How long a shared count may take to answer, in milliseconds; then a process counts alone for a second. */
const patienceMs = 500;
/** Parties that are remembered before those whose second is over are forgotten. */
const rememberedMax = 10_000;

/** What a party may still do in the second that runs. */
interface Second {
  /** On the clock of `performance.now()`. */
  endsAt: number;
  left: number;
  /** Whether no more can be had for it. */
  isSpent: boolean;
  /** The limit, when it was last asked for. */
  max: number;
  isAsking: boolean;
  /** Those who wait for the shared count, in the order they came. */
  readonly waiting: ((isTaken: boolean) => void)[];
}

/** How often each party has done something in the second that runs. */
export class CallRates {
  readonly #seconds = new Map<string, Second>();
  readonly #leases: RateLeases | undefined;
  readonly #now: () => number;

  /**
   * @param leases the count that other processes share; none if this process counts alone.
   * @param now milliseconds on a clock that only goes forward.
   */
  constructor(leases?: RateLeases, now = () => performance.now()) {
    this.#leases = leases;
    this.#now = now;
  }

  /**
   * Takes one of what a party may do in this second. Only where the count is shared, and nothing is left of what was taken
   * from it, does the answer have to be waited for.
   * @param max how often it may do it, from 1.
   * @returns whether there was one.
   */
  take(party: string, max: number): boolean | Promise<boolean> {
    const second = this.#secondOf(party);
    second.max = max;
    const isOver = this.#now() >= second.endsAt;
    if (isOver && this.#leases === undefined) {
      Object.assign(second, { endsAt: this.#now() + 1_000, left: max, isSpent: true });
    } else if (isOver) {
      Object.assign(second, { left: 0, isSpent: false });
    }
    if (second.left > 0) {
      second.left -= 1;
      return true;
    }
    if (second.isSpent) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    second.waiting.push(resolve);
    if (!second.isAsking) void this.#ask(party, second);
    return promise;
  }

  #secondOf(party: string): Second {
    const known = this.#seconds.get(party);
    if (known !== undefined) return known;
    if (this.#seconds.size >= rememberedMax) this.#forget();
    const second = { endsAt: 0, left: 0, isSpent: false, max: 0, isAsking: false, waiting: [] };
    this.#seconds.set(party, second);
    return second;
  }

  #forget(): void {
    const now = this.#now();
    for (const [party, { endsAt, isAsking }] of this.#seconds) {
      if (now >= endsAt && !isAsking) this.#seconds.delete(party);
    }
  }

  /** Takes from the shared count until nobody waits: those who come meanwhile share the next lease. */
  async #ask(party: string, second: Second): Promise<void> {
    second.isAsking = true;
    while (second.waiting.length > 0) {
      const askedAt = this.#now();
      const { granted, isLast, forMs } = await this.#lease(party, second);
      Object.assign(second, { left: granted, isSpent: isLast, endsAt: askedAt + forMs });
      // Who has waited takes part in the second that was asked for, though it be over by now.
      for (const resolve of second.waiting.splice(0, granted)) {
        second.left -= 1;
        resolve(true);
      }
      if (isLast) for (const resolve of second.waiting.splice(0)) resolve(false);
    }
    second.isAsking = false;
  }

  async #lease(party: string, { max, waiting }: Second): Promise<RateLease> {
    const late = Promise.withResolvers<RateLease>();
    // The limit holds for each process by itself then: to refuse calls would make a lost count a lost service.
    const alone = { granted: max, isLast: true, forMs: 1_000 };
    const timer = setTimeout(() => late.resolve(alone), patienceMs);
    try {
      return await Promise.race([this.#leases!.take(party, max, waiting.length), late.promise]);
    } catch {
      return alone;
    } finally {
      clearTimeout(timer);
    }
  }
}
