/** Keeps the counts of calls small while the server runs. */
import type { Logger } from 'pino';
import type { Stores } from '../store/open.ts';

/** How often, in milliseconds: a day's counts are folded some hours after the day after it. */
const everyMs = 6 * 60 * 60 * 1_000;

/**
 * Folds counts now and every six hours; disposing waits for what is under way.
 * @param day today in the time zone in which calls are counted.
 */
export function keepUsageSmall(
  stores: Pick<Stores, 'foldUsage'>,
  day: () => string,
  log: Pick<Logger, 'warn'>,
): AsyncDisposable {
  let folding = Promise.resolve();
  const fold = (): void => {
    folding = folding
      .then(() => stores.foldUsage(day()))
      .catch((err: unknown) => log.warn({ err }, 'counts of calls could not be put together; it is tried again'));
  };
  fold();
  const timer = setInterval(fold, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await folding;
    },
  };
}
