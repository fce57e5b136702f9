/** Tells the log when nothing can be written, whether anybody calls or not. */
import type { Logger } from 'pino';

/** How often the stores are checked, in milliseconds. */
const lookMs = 10_000;

/**
 * Looks at the stores now and then until it is disposed of. The log repeats a fault that lasts as often as it repeats any.
 * @param check rejects if nothing can be written.
 */
export function watchStorage(check: () => Promise<void>, log: Pick<Logger, 'error' | 'info'>): Disposable {
  let isWell = true;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      await check();
      if (!isWell) log.info('the register can be written again');
      isWell = true;
    } catch (err) {
      isWell = false;
      log.error({ err }, 'the register cannot be written');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), lookMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
