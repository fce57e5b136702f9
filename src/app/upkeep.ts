/** Keeps small, while the server runs, what would grow for ever: counts of calls, and the audit. */
import type { Logger } from 'pino';
import type { Stores } from '../store/open.ts';

/** How often counts are folded, in milliseconds: those of a day some hours after the day after it. */
const foldingMs = 6 * 60 * 60 * 1_000;
/** A day, in milliseconds: how often old lines are pruned. */
const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Folds counts now and every six hours; disposing waits for what is under way.
 * @param day today in the time zone in which calls are counted.
 */
export function keepUsageSmall(
  stores: Pick<Stores, 'foldUsage'>,
  day: () => string,
  log: Pick<Logger, 'warn'>,
): AsyncDisposable {
  return doRegularly(
    () => stores.foldUsage(day()),
    foldingMs,
    (err) => log.warn({ err }, 'counts of calls could not be put together; it is tried again'),
  );
}

/**
 * Prunes lines of the audit now and every day; disposing waits for what is under way.
 * @param days how long lines are kept; 0 for ever.
 * @param now milliseconds since 1970.
 */
export function keepAuditSmall(
  { audit }: Pick<Stores, 'audit'>,
  days: number,
  now: () => number,
  log: Pick<Logger, 'info' | 'warn'>,
): AsyncDisposable {
  if (days === 0) return { async [Symbol.asyncDispose]() {} };
  const prune = async (): Promise<void> => {
    const lines = await audit.prune(now() - days * dayMs);
    if (lines > 0) log.info({ lines }, 'old lines of the audit were pruned');
  };
  return doRegularly(prune, dayMs, (err) =>
    log.warn({ err }, 'old lines of the audit could not be pruned; it is tried again'),
  );
}

/** How often what would undo old corrections is deleted, in milliseconds: every hour. */
const forgettingMs = 60 * 60 * 1_000;

/** Deletes now and every hour what would undo corrections that are too old; disposing waits for what is under way. */
export function keepCorrectionsShort(
  { corrections }: Pick<Stores, 'corrections'>,
  log: Pick<Logger, 'warn'>,
): AsyncDisposable {
  return doRegularly(
    () => corrections.forgetOld(),
    forgettingMs,
    (err) => log.warn({ err }, 'old corrections could not be forgotten; it is tried again'),
  );
}

/** Does something now and regularly, one after the other; disposing waits for what is under way. */
export function doRegularly(
  work: () => Promise<void>,
  everyMs: number,
  onFault: (error: unknown) => void,
): AsyncDisposable {
  let doing = Promise.resolve();
  const begin = (): void => {
    doing = doing.then(work).catch(onFault);
  };
  begin();
  const timer = setInterval(begin, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await doing;
    },
  };
}
