/** Keeps pictures that nobody waits for, as of a job over a whole register, out of the way of calls. */
import { createSemaphore } from '../../concurrency/semaphore.ts';

/** For how long after a call's picture one worker is left to the next one, in milliseconds. */
const comingMs = 1_000;
/** For how long after its picture a call is taken to be under way, in milliseconds: what it registers is still to be written. */
const answeringMs = 20;
/**
 * How long a picture in the background waits for the pictures of calls, in milliseconds: longer than nearly all calls take, and so
 * that it goes on, if slowly, where they never end.
 */
const patienceMs = 100;

/** The turn of pictures in the background, until it is disposed of. */
export interface BackgroundTurn extends Disposable {
  /** Aborted when a call comes: what can be left for later is to be left. */
  readonly interrupted: AbortSignal;
}

/** What pictures in the background wait for. */
export interface Background {
  /** Says that a call's picture is under way, until it is disposed of. */
  called(): Disposable;
  /**
   * Waits until no call with a picture is under way, or has been waited for long enough. While calls come one worker is left to them.
   * @throws the signal's reason.
   */
  turn(signal?: AbortSignal): Promise<BackgroundTurn>;
  /** Waits as {@link turn} does, for what needs no worker. */
  calm(): Promise<void>;
  /** Whether no call with a picture is under way, and none has come for so long that none is to be expected. */
  isQuiet(): boolean;
}

/** @param workers how many pictures are analysed at once. */
export function createBackground(workers: number): Background {
  const beside = createSemaphore(Math.max(1, workers - 1));
  const turns = new Set<AbortController>();
  let calls = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  /** Resolves when no call is under way; undefined when none is. */
  let calm: PromiseWithResolvers<void> | undefined;
  let answering: NodeJS.Timeout | undefined;

  const called = (): Disposable => {
    calls++;
    calm ??= Promise.withResolvers();
    clearTimeout(answering);
    for (const turn of turns) turn.abort();
    return {
      [Symbol.dispose]() {
        calls--;
        endedAt = performance.now();
        if (calls > 0) return;
        answering = setTimeout(() => {
          calm?.resolve();
          calm = undefined;
        }, answeringMs).unref();
      },
    };
  };

  const untilCalm = async (): Promise<void> => {
    if (calm === undefined) return;
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, patienceMs);
    await Promise.race([calm.promise, patience.promise]);
    clearTimeout(timer);
  };

  const isQuiet = (): boolean => calm === undefined && performance.now() - endedAt >= comingMs;

  const turn = async (signal?: AbortSignal): Promise<BackgroundTurn> => {
    const seat = isQuiet() ? undefined : await beside.acquire(signal);
    await untilCalm();
    const own = new AbortController();
    turns.add(own);
    return {
      interrupted: own.signal,
      [Symbol.dispose]() {
        turns.delete(own);
        seat?.[Symbol.dispose]();
      },
    };
  };

  return { called, turn, calm: untilCalm, isQuiet };
}
