/** Hands tasks to workers: a few at a time, parties in turns, each with a deadline; a caller who gives up is let go at once. */
import { createSemaphore, LineFull } from '../../concurrency/semaphore.ts';
import { Refusal } from '../../errors/refusals.ts';
import { askWithin, unlessAborted, type Workers } from './ask.ts';
import { type Background, type BackgroundTurn, createBackground } from './background.ts';
import type { Answer, Task } from './task.ts';

/** How many tasks are taken, and for how long. */
export interface DispatchLimits {
  /** Tasks under way at once; from 1. */
  readonly workers: number;
  /** Pictures that may wait; beyond that callers are refused. */
  readonly queueMax: number;
  /** How long one task may take once a worker has it. */
  readonly deadlineMs: number;
}

/** Whose turn a task takes. */
export interface Turn {
  /** Gives up the task. */
  readonly signal?: AbortSignal | undefined;
  /** On whose behalf: the parties that wait take turns. */
  readonly party?: string | undefined;
  /** Whether a picture of the same call was analysed before: the task comes before the party's pictures, and never is one too many. */
  readonly isContinued?: boolean | undefined;
  /** Whether the task waits until no other does, and leaves calls a worker while they come; such tasks are never too many. */
  readonly isBackground?: boolean | undefined;
  /** Called when a worker has taken the task. */
  readonly onTaken?: (() => void) | undefined;
}

/**
 * Has a worker do a task when it is its turn. `waitedMs` is how long it waited for a worker.
 * @param task or what makes it when a worker is free, told whether no call is under way and none has come for a while.
 * @throws Refusal `tooManyRequests` if too many wait, `decodeFailed` if it took too long; Error if its worker was lost.
 */
export type Dispatch = (
  task: Task | ((isQuiet: boolean) => Task),
  turn: Turn,
) => Promise<{ readonly answer: Answer; readonly waitedMs: number }>;

/**
 * Has the workers do tasks. A caller who gives up is let go at once, but the worker counts as busy until it is free: never are
 * more tasks under way than there are workers, and never do more wait than may. A task whose worker is lost is answered as a
 * bug is; if that happens twice in a row, the same picture is not handed to a worker again.
 * @param background when tasks in the background have their turns.
 */
export function dispatchTo(
  pool: Workers,
  { workers, queueMax, deadlineMs }: DispatchLimits,
  background: Background = createBackground(workers),
): Dispatch {
  const queue = createSemaphore(workers, queueMax);
  const ask = askWithin(pool, deadlineMs);

  return async (task, { signal, party, isContinued, isBackground, onTaken }) => {
    const asked = performance.now();
    const turn: Partial<BackgroundTurn> & Disposable = isBackground
      ? await background.turn(signal)
      : background.called();
    using _turn = turn;
    const place = await queue.acquire(signal, party, isContinued, isBackground).catch((error: unknown) => {
      throw error instanceof LineFull ? new Refusal('tooManyRequests', 'too many pictures are waiting') : error;
    });
    let waitedMs = 0;
    const begin = (): void => {
      signal?.throwIfAborted();
      waitedMs = performance.now() - asked;
      onTaken?.();
    };
    const made = typeof task === 'function' ? task(background.isQuiet()) : task;
    const answer = await unlessAborted(
      ask(made, begin, turn.interrupted).finally(() => place[Symbol.dispose]()),
      signal,
    );
    return { answer, waitedMs };
  };
}
