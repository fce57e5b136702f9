/** Keeps pictures that nobody waits for, as of a job over a whole register, out of the way of calls. */
import { createSemaphore } from '../../concurrency/semaphore.ts';

/**
 * For how long after a call's picture one worker is left to the next one, in milliseconds. A call still has its answer to write when its
 * picture is analysed, and the processor is as busy as its workers.
 */
const calmMs = 1_000;
/** How long a picture in the background waits for the pictures of calls, in milliseconds; so it goes on, if slowly, where they never end. */
const patienceMs = 50;

/** What pictures in the background wait for. */
export interface Background {
  /** Says that a call's picture is under way, until it is disposed of. */
  called(): Disposable;
  /**
   * Waits until no call's picture is under way, or has been waited for long enough. While calls come one worker is left to them.
   * @throws the signal's reason.
   */
  turn(signal?: AbortSignal): Promise<Disposable>;
}

/** @param workers how many pictures are analysed at once. */
export function createBackground(workers: number): Background {
  const beside = createSemaphore(Math.max(1, workers - 1));
  let calls = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  let calm = Promise.withResolvers<void>();

  const called = (): Disposable => {
    calls++;
    return {
      [Symbol.dispose]() {
        calls--;
        endedAt = performance.now();
        if (calls > 0) return;
        calm.resolve();
        calm = Promise.withResolvers();
      },
    };
  };

  const turn = async (signal?: AbortSignal): Promise<Disposable> => {
    if (calls === 0 && performance.now() - endedAt > calmMs) return { [Symbol.dispose]() {} };
    const seat = await beside.acquire(signal);
    if (calls === 0) return seat;
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, patienceMs);
    await Promise.race([calm.promise, patience.promise]);
    clearTimeout(timer);
    return seat;
  };

  return { called, turn };
}
