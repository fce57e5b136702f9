/** Hands pictures to workers: a few at a time, each with a deadline; a caller who gives up is let go at once. */
import { createSemaphore, LineFull } from '../../concurrency/semaphore.ts';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { AnalysisRequest } from '../pipeline/analyze.ts';
import { askWithin, expectAnswer, unlessAborted, type Workers } from './ask.ts';
import type { Answer } from './task.ts';

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
  const ask = askWithin(pool, deadlineMs);

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
      ask({ kind: 'analyze', picture, wish }, begin).finally(() => place[Symbol.dispose]()),
      signal,
    );
    // The worker makes just the parts that were asked for.
    return analysisOf(answer, waitedMs) as Analysis<P>;
  };
}

function analysisOf(answer: Answer, queue: number): Analysis {
  const { analysis } = expectAnswer(answer, 'seen');
  return { ...analysis, timings: { queue, ...analysis.timings } };
}
