/** Limits how many may do something at once; the others wait in line, first come, first served. */

/** A fixed number of permits. */
export interface Semaphore {
  /**
   * Waits for a permit. It is given back by disposing of it, once.
   * @throws the signal's reason as soon as it is aborted while the caller waits; its place in the line is free again.
   * @throws LineFull at once, if as many wait as may.
   */
  acquire(signal?: AbortSignal): Promise<Disposable>;
}

/** As many wait for a permit as may. */
export class LineFull extends Error {
  override readonly name = 'LineFull';

  constructor() {
    super('as many wait for a permit as may');
  }
}

/**
 * Makes a semaphore.
 * @param permits how many may be held at once, from 1.
 * @param waitingMax how many callers may wait, from 0.
 */
export function createSemaphore(permits: number, waitingMax = Number.POSITIVE_INFINITY): Semaphore {
  let free = permits;
  const line = new Set<() => void>();

  const permit: Disposable = {
    [Symbol.dispose]() {
      const [next] = line;
      if (next === undefined) free++;
      // A permit that is handed on is never free in between, so nobody can jump the line.
      else next();
    },
  };

  return {
    async acquire(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free--;
        return permit;
      }
      if (line.size >= waitingMax) throw new LineFull();
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const leave = () => {
        line.delete(enter);
        signal?.removeEventListener('abort', giveUp);
      };
      const enter = () => {
        leave();
        resolve(permit);
      };
      const giveUp = () => {
        leave();
        reject(signal?.reason);
      };
      line.add(enter);
      signal?.addEventListener('abort', giveUp);
      return promise;
    },
  };
}
