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
  return new SharedBudget(total);
}

class SharedBudget implements Budget {
  readonly #total: number;
  #used = 0;
  /** How much each party holds; none that holds nothing. */
  readonly #held = new Map<string, number>();

  constructor(total: number) {
    this.#total = total;
  }

  get used(): number {
    return this.#used;
  }

  lease(party: string): Lease {
    return new SharedLease(this, party);
  }

  change(party: string, amount: number): void {
    this.#used += amount;
    const now = (this.#held.get(party) ?? 0) + amount;
    if (now === 0) this.#held.delete(party);
    else this.#held.set(party, now);
  }

  isEnough(party: string, amount: number): boolean {
    const theirs = this.#held.get(party) ?? 0;
    const left = this.#total - this.#used - amount;
    return theirs === 0 ? left >= 0 : left >= theirs + amount;
  }
}

/** One is made for each call: a class, of which each takes no more than its fields. */
class SharedLease implements Lease {
  readonly #budget: SharedBudget;
  readonly #party: string;
  #holds = 0;
  #hasEnded = false;

  constructor(budget: SharedBudget, party: string) {
    this.#budget = budget;
    this.#party = party;
  }

  get amount(): number {
    return this.#holds;
  }

  add(amount: number): void {
    if (this.#hasEnded || amount === 0) return;
    this.#holds += amount;
    this.#budget.change(this.#party, amount);
  }

  give(amount: number): void {
    this.add(-Math.min(amount, this.#holds));
  }

  take(amount: number): boolean {
    if (this.#hasEnded || !this.#budget.isEnough(this.#party, amount)) return false;
    this.add(amount);
    return true;
  }

  [Symbol.dispose](): void {
    this.give(this.#holds);
    this.#hasEnded = true;
  }
}
