/** Hands pictures to workers: a few at a time, each with a deadline; a caller who gives up is let go at once. */
import { createSemaphore, LineFull } from '../../concurrency/semaphore.ts';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { AnalysisRequest } from '../pipeline/analyze.ts';
import type { Answer, Task } from './worker.ts';

/** The workers that analyse pictures. */
export interface Workers {
  /**
   * Hands a task to a worker that is free.
   * @returns when the worker is free again, or gone; it rejects only if it is gone, as it is when the signal is aborted.
   */
  run(
    task: Task,
    options: { readonly transfer: readonly ArrayBuffer[]; readonly signal: AbortSignal },
  ): Promise<Answer>;
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
 * never are more pictures under way than there are workers, and never do more wait than may.
 */
export function dispatchTo(pool: Workers, { workers, queueMax, deadlineMs }: DispatchLimits): FaceAnalyzer['analyze'] {
  const queue = createSemaphore(workers, queueMax);

  /** Resolves when the worker is free again, whoever still waits for the answer. */
  async function ask(picture: Uint8Array<ArrayBuffer>, wish: AnalysisRequest): Promise<Answer> {
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), deadlineMs);
    try {
      return await pool.run({ picture, wish }, { transfer: [picture.buffer], signal: overdue.signal });
    } catch (cause) {
      const detail = overdue.signal.aborted ? 'the picture took too long' : '';
      throw new Refusal('featureFailed', detail, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  return async function analyze<P extends FacePart>(
    picture: Uint8Array,
    { facesMax, parts, signal, party, onTaken }: AnalyzeOptions<P>,
  ): Promise<Analysis<P>> {
    const asked = performance.now();
    const worker = await queue.acquire(signal, party).catch((error: unknown) => {
      throw error instanceof LineFull ? new Refusal('tooManyRequests', 'too many pictures are waiting') : error;
    });
    const waitedMs = performance.now() - asked;
    onTaken?.();
    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }).finally(() => worker[Symbol.dispose]()),
      signal,
    );
    // The worker makes just the parts that were asked for.
    return analysisOf(answer, waitedMs) as Analysis<P>;
  };
}

/** The picture in a buffer that can be handed to another thread: its own, if nothing else lies in it. */
function ownBytes(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = picture;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === picture.byteLength;
  return whole ? new Uint8Array(buffer) : Uint8Array.from(picture);
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
  if (answer.kind === 'ready') throw new Error('a worker answered without having looked');
  return { ...answer.analysis, timings: { queue, ...answer.analysis.timings } };
}
