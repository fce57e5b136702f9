/** Divides an amount, memory for example, among parties, so that no one of them holds all of it. */

/** An amount of which parties hold parts. */
export interface Budget {
  /** How much of it is held. */
  readonly used: number;
  /** A new lease, which holds nothing yet. */
  lease(party: string): Lease;
}

/** What one holder has of a budget. Disposing of it gives back the rest; from then on it takes and counts nothing. */
export interface Lease extends Disposable {
  /** How much it holds. */
  readonly amount: number;
  /** Takes more if there is enough of it for this party. @returns false, and takes nothing, if there is not. */
  take(amount: number): boolean;
  /** Takes more, enough or not: what must be counted though it cannot be refused. */
  add(amount: number): void;
  /** Gives a part back; no more than it holds. */
  give(amount: number): void;
}

/**
 * Makes a budget. A party may take as long as it then holds no more than is left for the others; a party that holds
 * nothing may take whatever is free. So one party gets half of it, two get a third each, and a newcomer always finds
 * something (dynamic thresholds; A. K. Choudhury and E. L. Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
 * @param total the whole amount, above 0.
 */
export function createBudget(total: number): Budget {
  let used = 0;
  /** How much each party holds; none that holds nothing. */
  const held = new Map<string, number>();

  const change = (party: string, amount: number): void => {
    used += amount;
    const now = (held.get(party) ?? 0) + amount;
    if (now === 0) held.delete(party);
    else held.set(party, now);
  };
  const isEnough = (party: string, amount: number): boolean => {
    const theirs = held.get(party) ?? 0;
    const left = total - used - amount;
    return theirs === 0 ? left >= 0 : left >= theirs + amount;
  };

  return {
    get used() {
      return used;
    },
    lease(party) {
      let holds = 0;
      let hasEnded = false;
      const add = (amount: number): void => {
        if (hasEnded) return;
        holds += amount;
        change(party, amount);
      };
      const give = (amount: number): void => add(-Math.min(amount, holds));
      return {
        get amount() {
          return holds;
        },
        add,
        give,
        take(amount) {
          if (hasEnded || !isEnough(party, amount)) return false;
          add(amount);
          return true;
        },
        [Symbol.dispose]() {
          give(holds);
          hasEnded = true;
        },
      };
    },
  };
}
