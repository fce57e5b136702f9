/** Limits how many may do something at once; the others wait, and parties take turns, so that none waits for another's line. */
import { byTurns, type Fairness } from './fairness.ts';

/** A fixed number of permits. */
export interface Semaphore {
  /**
   * Waits for a permit. It is given back by disposing of it, once.
   * @param party on whose behalf: those of one party are served in the order they came, and parties take turns. Whoever
   *   names none belongs to one party.
   * @param isContinued whether the caller goes on with what it had a permit for before: it comes before those of its party
   *   that do not, and always finds a place in the line.
   * @param isBackground whether it waits until nobody else does. It takes no place in the line from others: how many wait so is
   *   their callers' to limit.
   * @throws the signal's reason as soon as it is aborted while the caller waits; its place in the line is free again.
   * @throws LineFull at once, if as many wait as may.
   */
  acquire(signal?: AbortSignal, party?: string, isContinued?: boolean, isBackground?: boolean): Promise<Disposable>;
}

/** Those of one party who wait, each part in the order they came. */
interface Line {
  readonly continued: Set<() => void>;
  readonly others: Set<() => void>;
}

/** As many wait for a permit as may. */
export class LineFull extends Error {
  override readonly name = 'LineFull';

  constructor() {
    super('as many wait for a permit as may');
  }
}

/**
 * Makes a semaphore.
 * @param permits how many may be held at once, from 1.
 * @param waitingMax how many callers may wait, from 0.
 * @param partyMax how many one party may hold at once, from 1; the rest is left for others.
 * @param fairness which of the parties that wait is next.
 */
export function createSemaphore(
  permits: number,
  waitingMax = Number.POSITIVE_INFINITY,
  partyMax = permits,
  fairness: Fairness<string> = byTurns(),
): Semaphore {
  return new Permits({ permits, waitingMax, partyMax, fairness });
}

interface Limits {
  readonly permits: number;
  readonly waitingMax: number;
  readonly partyMax: number;
  readonly fairness: Fairness<string>;
}

/** While a permit is free, every party that waits holds as many as it may. */
class Permits implements Semaphore {
  readonly #limits: Limits;
  #free: number;
  /** How many wait, but for those in the background. */
  #waiting = 0;
  /** Those who wait, by party; those in the background are served when there are no others. */
  readonly #lines = new Map<string, Line>();
  readonly #background = new Map<string, Line>();
  /** How many permits each party holds; none that holds none. */
  readonly #held = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#free = limits.permits;
  }

  async acquire(signal?: AbortSignal, party = '', isContinued = false, isBackground = false): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0 && this.#mayTake(party)) {
      this.#free--;
      return this.#permitOf(party);
    }
    if (this.#waiting >= this.#limits.waitingMax && !isContinued && !isBackground) throw new LineFull();
    return this.#wait(signal, party, isContinued, isBackground);
  }

  #wait(
    signal: AbortSignal | undefined,
    party: string,
    isContinued: boolean,
    isBackground: boolean,
  ): Promise<Disposable> {
    const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
    const [place, ours] = isBackground ? [0, this.#background] : [1, this.#lines];
    const line = ours.get(party) ?? { continued: new Set(), others: new Set() };
    const part = isContinued ? line.continued : line.others;
    const leave = () => {
      this.#waiting -= place;
      part.delete(enter);
      if (line.continued.size + line.others.size === 0) ours.delete(party);
      signal?.removeEventListener('abort', giveUp);
    };
    const enter = () => {
      leave();
      resolve(this.#permitOf(party));
    };
    const giveUp = () => {
      leave();
      reject(signal?.reason);
    };
    this.#waiting += place;
    part.add(enter);
    ours.set(party, line);
    signal?.addEventListener('abort', giveUp);
    return promise;
  }

  #permitOf(party: string): Disposable {
    const { fairness } = this.#limits;
    this.#countHeld(party, 1);
    fairness.begun(party, this.#lines.size + this.#background.size > 0);
    return {
      [Symbol.dispose]: () => {
        this.#countHeld(party, -1);
        fairness.ended(party);
        this.#passOn();
      },
    };
  }

  #passOn(): void {
    const line = this.#nextOf(this.#lines) ?? this.#nextOf(this.#background);
    if (line === undefined) {
      this.#free++;
      return;
    }
    // A permit that is handed on is never free in between, so nobody can jump the line.
    const { continued, others } = line;
    const [next] = continued.size > 0 ? continued : others;
    next?.();
  }

  /** The line of the party that is next, of those that may take a permit. */
  #nextOf(lines: ReadonlyMap<string, Line>): Line | undefined {
    let next: Line | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [party, line] of lines) {
      const rank = this.#limits.fairness.rankOf(party);
      if (!this.#mayTake(party) || rank >= lowest) continue;
      [next, lowest] = [line, rank];
    }
    return next;
  }

  #mayTake(party: string): boolean {
    return (this.#held.get(party) ?? 0) < this.#limits.partyMax;
  }

  #countHeld(party: string, change: 1 | -1): void {
    const count = (this.#held.get(party) ?? 0) + change;
    if (count === 0) this.#held.delete(party);
    else this.#held.set(party, count);
  }
}
