/** Hands tasks to workers, each with a deadline, and none that has ended its worker twice in a row. */
import { Refusal } from '../../errors/refusals.ts';
import { Crashes } from './crashes.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { Answer, Refused, Task } from './task.ts';

/** The workers that analyse pictures. */
export interface Workers {
  /**
   * Hands a task to a worker that is free; if one is on its way, waits for it.
   * @param begin called when the worker has the task: aborting the signal that it returns gives up the worker. If it throws,
   *   the worker does not get the task.
   * @param interrupted when it is aborted, a task that can be left for later is answered with what is done by then.
   * @returns when the worker is free again, or gone. It rejects if the worker is gone, if none can be started, or if
   *   `begin` throws.
   */
  run(task: Task, begin: () => AbortSignal, interrupted?: AbortSignal): Promise<Answer>;
}

/**
 * Asks workers. A task whose worker is lost is answered as a bug is; if that happens twice in a row, the same picture is not
 * handed to a worker again.
 * @returns resolves when the worker is free again, whoever still waits for the answer; `begin` is called when a worker has
 *   the task, and may throw to keep it from the worker.
 */
export function askWithin(
  pool: Workers,
  deadlineMs: number,
): (task: Task, begin?: () => void, interrupted?: AbortSignal) => Promise<Answer> {
  const crashes = new Crashes();
  return async (task, begin, interrupted) => {
    let deadline: Deadline | undefined;
    const beginInTime = (): AbortSignal => {
      begin?.();
      crashes.check(task.picture);
      deadline = startDeadline(deadlineMs);
      return deadline.signal;
    };
    try {
      const answer = await pool.run(task, beginInTime, interrupted);
      crashes.clear(task.picture);
      return answer;
    } catch (cause) {
      if (deadline === undefined) throw cause;
      if (deadline.signal.aborted) throw new Refusal('decodeFailed', 'the picture took too long', { cause });
      crashes.add(task.picture);
      throw new Error('a worker was lost', { cause });
    } finally {
      deadline?.[Symbol.dispose]();
    }
  };
}

/**
 * The answer to what was asked.
 * @throws Refusal if the worker refused, Error if it failed.
 */
export function expectAnswer<K extends Answer['kind']>(answer: Answer, kind: K): Extract<Answer, { kind: K }> {
  if (answer.kind === 'refused') throw refusalOf(answer);
  if (answer.kind === 'failed') throw new Error('a worker failed', { cause: answer.cause });
  if (answer.kind !== kind) throw new Error(`a worker was asked for another answer than ${answer.kind}`);
  return answer as Extract<Answer, { kind: K }>;
}

/** The refusal that crossed as its parts. */
export function refusalOf({ refusal, detail, cause }: Refused): Refusal {
  return new Refusal(refusal, detail, { cause });
}

/** The answer, or the signal's reason as soon as it is aborted; the answer is then forgotten. */
export async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
