/** The log: one line of JSON a message. */
import { type Logger, pino } from 'pino';
import { Refusal } from '../errors/refusals.ts';

/** How often a fault of storage that lasts is told, in milliseconds. */
const repeatMs = 60_000;
/** After how long it is forgotten that a fault was told, in milliseconds: an hour. */
const forgetMs = 60 * 60_000;
/** The level of errors, as pino numbers them. */
const errorLevel = 50;

/** What the log holds of a fault that was told. */
interface Told {
  /** When, in milliseconds of the log's clock. */
  readonly at: number;
  /** How often it was met since and not told. */
  repeats: number;
}

/**
 * Opens the log. Every call that meets a full disk, a locked database or a full index reports the same fault; it is told once a
 * minute, with the number of `repeats` that were not told since the line before. The line of the call itself is always there.
 * @param level the least that is told.
 * @param now milliseconds of any clock that only goes forward.
 */
export function openLog(
  destination: { write(line: string): void },
  level = 'info',
  now = () => performance.now(),
): Logger {
  const told = new Map<string, Told>();
  /** How often the fault was not told since its last line; undefined if it is not told now either. */
  const repeatsOf = (fault: string): number | undefined => {
    const last = told.get(fault);
    if (last !== undefined && now() - last.at < repeatMs) {
      last.repeats += 1;
      return undefined;
    }
    for (const [known, { at }] of told) if (now() - at >= forgetMs) told.delete(known);
    told.set(fault, { at: now(), repeats: 0 });
    return last?.repeats ?? 0;
  };
  return pino(
    {
      level,
      base: null,
      hooks: {
        logMethod(args, method, number) {
          const fault = number >= errorLevel ? storageFault(args[0]) : undefined;
          const repeats = fault === undefined ? 0 : repeatsOf(fault);
          if (repeats === undefined) return;
          if (repeats > 0) Object.assign(args, [{ ...(args[0] as object), repeats }]);
          method.apply(this, args);
        },
      },
    },
    destination,
  );
}

/** What the database or the index said, if it is what a line tells of. */
function storageFault(fields: unknown): string | undefined {
  const { err } = (fields ?? {}) as { readonly err?: unknown };
  if (err instanceof Refusal && err.refusal === 'storageFailed') return err.message;
  const { errcode, message } = (err ?? {}) as { readonly errcode?: number; readonly message?: string };
  return errcode === undefined ? undefined : `${errcode} ${message}`;
}
