/** Decides which of the parties that wait for something is next. */

/** An order of parties. */
export interface Fairness<P> {
  /** The party that is next has the lowest rank; of equal ones the one that has waited longest. */
  rankOf(party: P): number;
  /**
   * A party has its turn.
   * @param othersWait whether somebody waits behind it.
   */
  begun(party: P, othersWait: boolean): void;
  /** A turn of a party is over. */
  ended(party: P): void;
}

/** The party whose last turn is longest ago is next: for turns that are about as long as each other. */
export function byTurns<P>(): Fairness<P> {
  /** The number of each party's last turn; forgotten while nobody waits, since all are equal then. */
  const lastTurns = new Map<P, number>();
  let turns = 0;
  return {
    rankOf: (party) => lastTurns.get(party) ?? 0,
    begun(party, othersWait) {
      turns += 1;
      if (!othersWait) lastTurns.clear();
      lastTurns.set(party, turns);
    },
    ended() {},
  };
}

/** How long it takes until half of what a party has used is forgotten, in milliseconds. */
const halfLifeMs = 1_000;
/** Of a party that has used less than this, in milliseconds, nothing is kept. */
const leastMs = 0.1;
/** So many parties may be kept before those that have used little are looked for. */
const partiesMax = 1_000;

/**
 * The party that has used the least time of late is next: for turns of very different lengths. One that comes with small
 * things is never kept waiting by more than the turn under way of one that comes with large ones.
 * @param now milliseconds of a clock that never goes back.
 */
export function byTime<P>(now: () => number = () => performance.now()): Fairness<P> {
  /** What each party had used, and when that was. */
  const used = new Map<P, { readonly ms: number; readonly at: number }>();
  /** When the turns under way of each party began. */
  const underWay = new Map<P, number[]>();
  const usedBy = (party: P, at: number): number => {
    const before = used.get(party);
    return before === undefined ? 0 : before.ms * 2 ** ((before.at - at) / halfLifeMs);
  };
  const forgetLittle = (at: number): void => {
    for (const party of used.keys()) if (usedBy(party, at) < leastMs) used.delete(party);
  };
  return {
    // The logarithm of what is left of it at some moment, which is the same for all: ranks of two moments can be compared.
    rankOf(party) {
      const before = used.get(party);
      return before === undefined ? Number.NEGATIVE_INFINITY : Math.log2(before.ms) + before.at / halfLifeMs;
    },
    begun(party) {
      underWay.set(party, [...(underWay.get(party) ?? []), now()]);
    },
    ended(party) {
      const at = now();
      const [began = at, ...others] = underWay.get(party) ?? [];
      if (others.length > 0) underWay.set(party, others);
      else underWay.delete(party);
      used.set(party, { ms: usedBy(party, at) + at - began, at });
      if (used.size > partiesMax) forgetLittle(at);
    },
  };
}
