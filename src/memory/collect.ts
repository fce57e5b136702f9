/**
 * Gives memory back to the system. V8 collects garbage when memory is asked for; what waits for work asks for none, and
 * would keep what its start took.
 */

/** How long after a start garbage is collected, and how long after a look that found work under way, in milliseconds. */
const pauseMs = 1_000;

/**
 * Collects the garbage of a thread's start, once, when the start is over and nothing is to be done. Nothing happens in a Node without
 * `--expose-gc`, which `npm start` gives it.
 * @param isIdle whether the thread may stand still for some 40 ms.
 */
export function collectOnceIdle(isIdle: () => boolean = () => true): void {
  const timer = setInterval(() => {
    if (!isIdle()) return;
    clearInterval(timer);
    // A usual collection keeps the pages that it has emptied.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, pauseMs);
  timer.unref();
}
