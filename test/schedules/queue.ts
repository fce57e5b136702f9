/** The queue of pictures, with callers who come, leave and give up in any order. */
import assert from 'node:assert/strict';
import { createSemaphore, LineFull } from '../../src/concurrency/semaphore.ts';
import type { Schedule } from './schedule.ts';

/** What becomes of a caller. */
type Fate = 'inside' | 'refused' | 'gave up';

/** The queue as it should be: everything happens at once. */
class PlainQueue {
  readonly #width: number;
  readonly #waitingMax: number;
  readonly #waiting: number[] = [];
  #inside = 0;
  /** What should have become of each caller by now. */
  readonly fates = new Map<number, Fate>();

  constructor(width: number, waitingMax: number) {
    this.#width = width;
    this.#waitingMax = waitingMax;
  }

  come(caller: number, isAborted: boolean): void {
    if (isAborted) this.fates.set(caller, 'gave up');
    else if (this.#inside < this.#width) this.#letIn(caller);
    else if (this.#waiting.length >= this.#waitingMax) this.fates.set(caller, 'refused');
    else this.#waiting.push(caller);
  }

  leave(): void {
    this.#inside -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#letIn(next);
  }

  giveUp(caller: number): void {
    const index = this.#waiting.indexOf(caller);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    this.fates.set(caller, 'gave up');
  }

  #letIn(caller: number): void {
    this.#inside += 1;
    this.fates.set(caller, 'inside');
  }
}

/** As many are inside as may be, the others wait in the order they came, and no place is lost or given twice. */
export async function queue(schedule: Schedule): Promise<void> {
  const { random } = schedule;
  const [width, waitingMax, callers] = [1 + random.below(3), random.below(4), 2 + random.below(10)];
  const semaphore = createSemaphore(width, waitingMax);
  const plain = new PlainQueue(width, waitingMax);
  const fates = new Map<number, Fate>();
  schedule.always(() => assert.deepEqual(fates, plain.fates));

  const call = async (caller: number): Promise<void> => {
    const who = `caller ${caller}`;
    const tired = new AbortController();
    const giveUp = (): void => {
      plain.giveUp(caller);
      tired.abort(new Error(who));
    };
    if (random.oneIn(2)) schedule.maybe(`patience of ${who}`, 'ends', giveUp);
    await schedule.point(who, 'comes');
    plain.come(caller, tired.signal.aborted);
    const permit = await semaphore.acquire(tired.signal).catch((error: unknown) => {
      assert.ok(error === tired.signal.reason || error instanceof LineFull, String(error));
      fates.set(caller, error instanceof LineFull ? 'refused' : 'gave up');
    });
    if (permit === undefined) return;
    fates.set(caller, 'inside');
    await schedule.point(who, 'is done');
    plain.leave();
    permit[Symbol.dispose]();
  };
  await Promise.all(
    Array.from({ length: callers }, (_, caller) => schedule.lane(`caller ${caller}`, () => call(caller))),
  );
  // Every place is free again.
  await Promise.all(Array.from({ length: width }, () => semaphore.acquire()));
}
