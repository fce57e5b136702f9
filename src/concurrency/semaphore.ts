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
  // While a permit is free, every party that waits holds as many as it may.
  let free = permits;
  let waiting = 0;
  /** Those who wait, by party; those in the background are served when there are no others. */
  const [lines, background] = [new Map<string, Line>(), new Map<string, Line>()];
  /** How many permits each party holds; none that holds none. */
  const held = new Map<string, number>();

  const countHeld = (party: string, change: 1 | -1): void => {
    const count = (held.get(party) ?? 0) + change;
    if (count === 0) held.delete(party);
    else held.set(party, count);
  };
  const mayTake = (party: string): boolean => (held.get(party) ?? 0) < partyMax;

  /** The line of the party that is next, of those that may take a permit. */
  const nextOf = (waiting: ReadonlyMap<string, Line>): Line | undefined => {
    let next: Line | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [party, line] of waiting) {
      const rank = fairness.rankOf(party);
      if (!mayTake(party) || rank >= lowest) continue;
      [next, lowest] = [line, rank];
    }
    return next;
  };

  const passOn = (): void => {
    const line = nextOf(lines) ?? nextOf(background);
    if (line === undefined) {
      free++;
      return;
    }
    // A permit that is handed on is never free in between, so nobody can jump the line.
    const { continued, others } = line;
    const [next] = continued.size > 0 ? continued : others;
    next?.();
  };

  const permitOf = (party: string): Disposable => {
    countHeld(party, 1);
    fairness.begun(party, lines.size + background.size > 0);
    return {
      [Symbol.dispose]() {
        countHeld(party, -1);
        fairness.ended(party);
        passOn();
      },
    };
  };

  return {
    async acquire(signal, party = '', isContinued = false, isBackground = false) {
      signal?.throwIfAborted();
      if (free > 0 && mayTake(party)) {
        free--;
        return permitOf(party);
      }
      if (waiting >= waitingMax && !isContinued && !isBackground) throw new LineFull();
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const [place, ours] = isBackground ? [0, background] : [1, lines];
      const line = ours.get(party) ?? { continued: new Set(), others: new Set() };
      const part = isContinued ? line.continued : line.others;
      const leave = () => {
        waiting -= place;
        part.delete(enter);
        if (line.continued.size + line.others.size === 0) ours.delete(party);
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
      waiting += place;
      part.add(enter);
      ours.set(party, line);
      signal?.addEventListener('abort', giveUp);
      return promise;
    },
  };
}
