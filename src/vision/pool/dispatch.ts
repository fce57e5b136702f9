/** Hands pictures to workers: a few at a time, each with a deadline; a caller who gives up is let go at once. */
import { createSemaphore, LineFull } from '../../concurrency/semaphore.ts';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { AnalysisRequest } from '../pipeline/analyze.ts';
import { Crashes } from './crashes.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { Answer, Task } from './task.ts';

/** The workers that analyse pictures. */
export interface Workers {
  /**
   * Hands a task to a worker that is free; if one is on its way, waits for it.
   * @param begin called when the worker has the task: aborting the signal that it returns gives up the worker. If it throws,
   *   the worker does not get the task.
   * @returns when the worker is free again, or gone. It rejects if the worker is gone, if none can be started, or if
   *   `begin` throws.
   */
  run(task: Task, begin: () => AbortSignal): Promise<Answer>;
}

/** How many pictures are taken, and for how long. */
export interface DispatchLimits {
  /** Pictures analysed at once; from 1. */
  readonly workers: number;
  /** Pictures that may wait; beyond that callers are refused. */
  readonly queueMax: number;
  /** How long one picture may take once a worker has it. */
  readonly deadlineMs: number;
}

/** What is told of a face unless less is asked for. */
const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

/**
 * Has the workers analyse pictures. A caller who gives up is let go at once, but the worker counts as busy until it is free:
 * never are more pictures under way than there are workers, and never do more wait than may. A picture whose worker is lost
 * is answered as a bug is; if that happens twice in a row, the same picture is not handed to a worker again.
 */
export function dispatchTo(pool: Workers, { workers, queueMax, deadlineMs }: DispatchLimits): FaceAnalyzer['analyze'] {
  const queue = createSemaphore(workers, queueMax);
  const crashes = new Crashes();

  /** Resolves when the worker is free again, whoever still waits for the answer. */
  async function ask(task: Task, begin: () => void): Promise<Answer> {
    let deadline: Deadline | undefined;
    try {
      const answer = await pool.run(task, () => {
        begin();
        crashes.check(task.picture);
        deadline = startDeadline(deadlineMs);
        return deadline.signal;
      });
      crashes.clear(task.picture);
      return answer;
    } catch (cause) {
      if (deadline === undefined) throw cause;
      if (deadline.signal.aborted) throw new Refusal('featureFailed', 'the picture took too long', { cause });
      crashes.add(task.picture);
      throw new Error('a worker was lost', { cause });
    } finally {
      deadline?.[Symbol.dispose]();
    }
  }

  return async function analyze<P extends FacePart>(
    picture: Uint8Array,
    { facesMax, parts, signal, party, onTaken }: AnalyzeOptions<P>,
  ): Promise<Analysis<P>> {
    const asked = performance.now();
    const place = await queue.acquire(signal, party).catch((error: unknown) => {
      throw error instanceof LineFull ? new Refusal('tooManyRequests', 'too many pictures are waiting') : error;
    });
    const wish: AnalysisRequest = { facesMax, parts: parts ?? everything };
    let waitedMs = 0;
    const begin = (): void => {
      signal?.throwIfAborted();
      waitedMs = performance.now() - asked;
      onTaken?.();
    };
    const answer = await unlessAborted(
      ask({ picture, wish }, begin).finally(() => place[Symbol.dispose]()),
      signal,
    );
    // The worker makes just the parts that were asked for.
    return analysisOf(answer, waitedMs) as Analysis<P>;
  };
}

/** The answer, or the signal's reason as soon as it is aborted; the answer is then forgotten. */
async function unlessAborted<T>(answer: Promise<T>, signal: AnalyzeOptions['signal']): Promise<T> {
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

function analysisOf(answer: Answer, queue: number): Analysis {
  if (answer.kind === 'refused') throw new Refusal(answer.refusal, answer.detail, { cause: answer.cause });
  if (answer.kind === 'failed') throw new Error('a worker failed', { cause: answer.cause });
  if (answer.kind === 'done') throw new Error('a worker answered without having looked');
  return { ...answer.analysis, timings: { queue, ...answer.analysis.timings } };
}
