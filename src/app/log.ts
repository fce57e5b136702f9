/** The log: one line of JSON a message. */
import { type Logger, pino } from 'pino';

/** How often a fault of the database that lasts is told, in milliseconds. */
const repeatMs = 60_000;
/** The level of errors, as pino numbers them. */
const errorLevel = 50;

/**
 * Opens the log. Every call that meets a full disk or a locked database reports the same fault; it is told once a minute.
 * The line of the call itself is always there.
 * @param now milliseconds of any clock that only goes forward.
 */
export function openLog(destination: { write(line: string): void }, now = () => performance.now()): Logger {
  const told = new Map<string, number>();
  const isNews = (fault: string): boolean => {
    for (const [known, at] of told) if (now() - at >= repeatMs) told.delete(known);
    if (told.has(fault)) return false;
    told.set(fault, now());
    return true;
  };
  return pino(
    {
      level: 'info',
      base: null,
      hooks: {
        logMethod(args, method, level) {
          const fault = level >= errorLevel ? databaseFault(args[0]) : undefined;
          if (fault === undefined || isNews(fault)) method.apply(this, args);
        },
      },
    },
    destination,
  );
}

/** What the database said, if it is what a line tells of. */
function databaseFault(fields: unknown): string | undefined {
  const { err } = (fields ?? {}) as { readonly err?: { readonly message?: string; readonly errcode?: number } };
  return err?.errcode === undefined ? undefined : `${err.errcode} ${err.message}`;
}
