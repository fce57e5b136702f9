/** The queue of pictures, with callers of several parties who come, leave and give up in any order. */
import assert from 'node:assert/strict';
import { createSemaphore, LineFull } from '../../src/concurrency/semaphore.ts';
import type { Schedule } from './schedule.ts';

/** What becomes of a caller. */
type Fate = 'inside' | 'refused' | 'gave up';

/** A caller, whose it is, and whether it goes on with what it has begun. */
interface Caller {
  readonly name: number;
  readonly party: string;
  readonly isContinued: boolean;
}

/** How many may be inside, wait, and be inside of one party. */
interface Bounds {
  readonly width: number;
  readonly waitingMax: number;
  readonly partyMax: number;
}

/** The queue as it should be: everything happens at once. */
class PlainQueue {
  readonly #bounds: Bounds;
  /** In the order they came. */
  #waiting: readonly Caller[] = [];
  #inside: readonly Caller[] = [];
  /** The parties of those who wait, the one that has waited longest first. */
  #parties: readonly string[] = [];
  /** The parties that have had a turn since somebody waits, the last one last. */
  #turns: readonly string[] = [];
  /** What should have become of each caller by now. */
  readonly fates = new Map<number, Fate>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  come(caller: Caller, isAborted: boolean): void {
    if (isAborted) this.fates.set(caller.name, 'gave up');
    else if (this.#inside.length < this.#bounds.width && this.#mayEnter(caller.party)) this.#letIn(caller);
    else if (this.#waiting.length >= this.#bounds.waitingMax && !caller.isContinued)
      this.fates.set(caller.name, 'refused');
    else {
      this.#waiting = [...this.#waiting, caller];
      if (!this.#parties.includes(caller.party)) this.#parties = [...this.#parties, caller.party];
    }
  }

  leave(caller: Caller): void {
    this.#inside = this.#inside.filter((other) => other !== caller);
    const parties = this.#parties.filter((party) => this.#mayEnter(party));
    // A party that has had no turn comes first.
    const lastTurn = (party: string) => this.#turns.lastIndexOf(party);
    const longestAgo = Math.min(...parties.map(lastTurn));
    const turn = parties.find((party) => lastTurn(party) === longestAgo);
    const theirs = this.#waiting.filter(({ party }) => party === turn);
    const next = theirs.find(({ isContinued }) => isContinued) ?? theirs[0];
    if (next === undefined) return;
    this.#drop(next);
    this.#letIn(next);
  }

  giveUp(caller: Caller): void {
    if (!this.#waiting.includes(caller)) return;
    this.#drop(caller);
    this.fates.set(caller.name, 'gave up');
  }

  #mayEnter(party: string): boolean {
    return this.#inside.filter((other) => other.party === party).length < this.#bounds.partyMax;
  }

  #drop(caller: Caller): void {
    this.#waiting = this.#waiting.filter((other) => other !== caller);
    this.#parties = this.#parties.filter((party) => this.#waiting.some((other) => other.party === party));
  }

  #letIn(caller: Caller): void {
    this.#inside = [...this.#inside, caller];
    this.#turns = [...(this.#waiting.length === 0 ? [] : this.#turns), caller.party];
    this.fates.set(caller.name, 'inside');
  }
}

/** As many are inside as may be, parties take turns, the callers of each come in order, and no place is lost or given twice. */
export async function queue(schedule: Schedule): Promise<void> {
  const { random } = schedule;
  const width = 1 + random.below(3);
  const bounds = { width, waitingMax: random.below(6), partyMax: 1 + random.below(width) };
  const parties = 1 + random.below(3);
  const semaphore = createSemaphore(bounds.width, bounds.waitingMax, bounds.partyMax);
  const plain = new PlainQueue(bounds);
  const fates = new Map<number, Fate>();
  schedule.always(() => assert.deepEqual(fates, plain.fates));

  const call = async (caller: Caller): Promise<void> => {
    const who = `caller ${caller.name} of ${caller.party}`;
    const tired = new AbortController();
    const giveUp = (): void => {
      plain.giveUp(caller);
      tired.abort(new Error(who));
    };
    if (random.oneIn(2)) schedule.maybe(`patience of ${who}`, 'ends', giveUp);
    await schedule.point(who, 'comes');
    plain.come(caller, tired.signal.aborted);
    const permit = await semaphore.acquire(tired.signal, caller.party, caller.isContinued).catch((error: unknown) => {
      assert.ok(error === tired.signal.reason || error instanceof LineFull, String(error));
      fates.set(caller.name, error instanceof LineFull ? 'refused' : 'gave up');
    });
    if (permit === undefined) return;
    fates.set(caller.name, 'inside');
    await schedule.point(who, 'is done');
    plain.leave(caller);
    permit[Symbol.dispose]();
  };
  const callers = Array.from({ length: 2 + random.below(10) }, (_, name) => ({
    name,
    party: `party ${random.below(parties)}`,
    isContinued: random.oneIn(4),
  }));
  await Promise.all(callers.map((caller) => schedule.lane(`caller ${caller.name}`, () => call(caller))));
  // Every place is free again, and nobody is counted as inside.
  const everybody = Array.from({ length: width }, (_, i) => semaphore.acquire(undefined, `another ${i}`));
  for (const permit of await Promise.all(everybody)) permit[Symbol.dispose]();
  for (let i = 0; i < parties; i += 1) {
    const all = Array.from({ length: bounds.partyMax }, () => semaphore.acquire(undefined, `party ${i}`));
    for (const permit of await Promise.all(all)) permit[Symbol.dispose]();
  }
}
