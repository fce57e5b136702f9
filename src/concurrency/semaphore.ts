/** Limits how many may do something at once; the others wait in line. */

/** A fixed number of turns; who finds none free waits in line. */
export interface Turns {
  /**
   * Waits for a turn, first come, first served. The turn is given back by disposing of it, once.
   * @throws the signal's reason, if it aborts before there is a turn.
   */
  take(signal: AbortSignal): Promise<Disposable>;
}

/**
 * Makes as many turns as may be taken at once.
 * @param most from 1.
 */
export function createTurns(most: number): Turns {
  let free = most;
  const line = new Set<() => void>();

  const turn: Disposable = {
    [Symbol.dispose]() {
      const [next] = line;
      if (next === undefined) free++;
      // A turn that is handed on is never free in between, so nobody can jump the line.
      else next();
    },
  };

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return turn;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const enter = () => {
        leave();
        resolve(turn);
      };
      const giveUp = () => {
        leave();
        reject(signal.reason);
      };
      const leave = () => {
        line.delete(enter);
        signal.removeEventListener('abort', giveUp);
      };
      line.add(enter);
      signal.addEventListener('abort', giveUp);
      return promise;
    },
  };
}
