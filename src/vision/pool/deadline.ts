/** A deadline that counts only time in which this process ran. */

/** A time to be done by; disposing of it calls it off. */
export interface Deadline extends Disposable {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
}

/** In how many equal parts the time is counted. */
const parts = 10;

/**
 * Begins a deadline. A process that was frozen (SIGSTOP, a paused virtual machine) finds on waking that all its timers are
 * due, although nothing could be done meanwhile. So the time is counted in parts, of which a freeze takes one at most.
 * @param ms from 1; it is rounded up to a multiple of ten.
 */
export function startDeadline(ms: number): Deadline {
  const overdue = new AbortController();
  let left = parts;
  const timer = setInterval(
    () => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      overdue.abort();
    },
    Math.ceil(ms / parts),
  );
  return { signal: overdue.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
