/** Limits how many pictures are analysed at once and how many may wait, first come, first served. */
import { Refusal } from '../../errors/refusals.ts';

/** Lets callers through a few at a time. */
export interface Gate {
  /**
   * Waits for a turn. The caller must call what it is given exactly once, when it is done.
   * @throws Refusal `tooManyRequests` at once if too many wait already.
   * @throws the signal's reason as soon as it is aborted; the turn passes to the next.
   */
  enter(signal?: AbortSignal): Promise<() => void>;
}

/**
 * @param width how many may be inside at once, from 1.
 * @param waitingMax how many may wait outside, from 0.
 */
export function createGate(width: number, waitingMax: number): Gate {
  const waiting = new Set<() => void>();
  let free = width;

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free++;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async enter(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free--;
        return leave;
      }
      if (waiting.size >= waitingMax) throw new Refusal('tooManyRequests', 'too many pictures are waiting');
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = (): void => {
        waiting.delete(resolve);
        reject(signal?.reason);
      };
      waiting.add(resolve);
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        await promise;
      } finally {
        signal?.removeEventListener('abort', giveUp);
      }
      return leave;
    },
  };
}
