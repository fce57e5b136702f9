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
   * @throws the signal's reason as soon as it is aborted while the caller waits; its place in the line is free again.
   * @throws LineFull at once, if as many wait as may.
   */
  acquire(signal?: AbortSignal, party?: string, isContinued?: boolean): Promise<Disposable>;
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
  // While a permit is free, every party that waits holds as many as it may.
  let free = permits;
  let waiting = 0;
  /** Those who wait, by party. */
  const lines = new Map<string, Line>();
  /** How many permits each party holds; none that holds none. */
  const held = new Map<string, number>();

  const countHeld = (party: string, change: 1 | -1): void => {
    const count = (held.get(party) ?? 0) + change;
    if (count === 0) held.delete(party);
    else held.set(party, count);
  };
  const mayTake = (party: string): boolean => (held.get(party) ?? 0) < partyMax;

  /** The party that is next, of those that may take a permit. */
  const nextParty = (): string | undefined => {
    let next: string | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const party of lines.keys()) {
      const rank = fairness.rankOf(party);
      if (!mayTake(party) || rank >= lowest) continue;
      [next, lowest] = [party, rank];
    }
    return next;
  };

  const passOn = (): void => {
    const party = nextParty();
    if (party === undefined) {
      free++;
      return;
    }
    // A permit that is handed on is never free in between, so nobody can jump the line.
    const { continued, others } = lines.get(party) as Line;
    const [next] = continued.size > 0 ? continued : others;
    next?.();
  };

  const permitOf = (party: string): Disposable => {
    countHeld(party, 1);
    fairness.begun(party, lines.size > 0);
    return {
      [Symbol.dispose]() {
        countHeld(party, -1);
        fairness.ended(party);
        passOn();
      },
    };
  };

  return {
    async acquire(signal, party = '', isContinued = false) {
      signal?.throwIfAborted();
      if (free > 0 && mayTake(party)) {
        free--;
        return permitOf(party);
      }
      if (waiting >= waitingMax && !isContinued) throw new LineFull();
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const line = lines.get(party) ?? { continued: new Set(), others: new Set() };
      const part = isContinued ? line.continued : line.others;
      const leave = () => {
        waiting--;
        part.delete(enter);
        if (line.continued.size + line.others.size === 0) lines.delete(party);
        signal?.removeEventListener('abort', giveUp);
      };
      const enter = () => {
        leave();
        resolve(permitOf(party));
      };
      const giveUp = () => {
        leave();
        reject(signal?.reason);
      };
      waiting++;
      part.add(enter);
      lines.set(party, line);
      signal?.addEventListener('abort', giveUp);
      return promise;
    },
  };
}
