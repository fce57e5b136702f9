/** Has workers tell copies of a photograph. */
import type { CopyDetector } from '../../domain/face-analyzer.ts';
import { askWithin, expectAnswer, unlessAborted, type Workers } from './ask.ts';

/**
 * Has the workers compare crops. It takes them some milliseconds, for a call whose picture has been analysed already, so it
 * does not wait behind the pictures that wait for their turn.
 * @param deadlineMs how long one comparison may take once a worker has it.
 */
export function compareWith(pool: Workers, deadlineMs: number): CopyDetector['areCopies'] {
  const ask = askWithin(pool, deadlineMs);
  return async (crop, others, signal) => {
    const answer = ask({ kind: 'compare', picture: crop, others }, () => signal?.throwIfAborted());
    return expectAnswer(await unlessAborted(answer, signal), 'compared').copies;
  };
}
