/** The limits that an appid may have of its own, as the operator writes them. */
import type { TenantLimits } from '../../auth/keys.ts';
import { OrderRefused } from './order.ts';

/** The name of a limit. */
export type LimitName = keyof TenantLimits;

/** One limit. */
export interface LimitRow {
  /** What it limits. */
  readonly about: string;
  readonly least: number;
  readonly most: number;
}

/** The most of what is counted in the register. */
const countMax = 1_000_000_000;

/** The table of limits. The flag of a limit is spelled `--calls-per-second`. */
export const limitTable = {
  callsPerSecond: { about: 'calls a second, 0 for no limit (code 15)', least: 0, most: 1_000_000 },
  callsInFlight: { about: 'calls in flight (code 15)', least: 1, most: 1_000_000 },
  picturesInFlight: { about: 'pictures in flight (code 15)', least: 1, most: 1_000_000 },
  picturesPerMonth: { about: 'pictures analysed in a calendar month (code 15)', least: 0, most: 1e12 },
  persons: { about: 'persons (code 15)', least: 0, most: countMax },
  faces: { about: 'faces (code 15)', least: 0, most: countMax },
  bytes: { about: 'bytes of embeddings and crops (code 15)', least: 0, most: 1e15 },
  groups: { about: 'groups (code -1311)', least: 1, most: countMax },
  enrolQuality: { about: 'least quality of a face that is enrolled, 0 to 100 (code -1103)', least: 0, most: 100 },
} as const satisfies Partial<Record<LimitName, LimitRow>>;

/** The limits that may be set. */
export const limitNames = Object.keys(limitTable) as (keyof typeof limitTable)[];

/** The word that takes a limit of its own away. */
export const asServerSays = 'default';

/** The words of a limit's name: `calls`, `per`, `second`. */
export function wordsOf(name: LimitName): readonly string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

/**
 * Reads limits.
 * @param words a whole number for each limit, or `default`; what is absent is left as it is.
 * @throws OrderRefused that says which is not understood.
 */
export function readLimits(words: { readonly [K in LimitName]?: string | undefined }): {
  readonly [K in LimitName]?: number | null;
} {
  const read = limitNames.flatMap((name) => {
    const word = words[name];
    return word === undefined ? [] : [[name, word === asServerSays ? null : readLimit(name, word)]];
  });
  return Object.fromEntries(read);
}

function readLimit(name: keyof typeof limitTable, word: string): number {
  const { least, most } = limitTable[name];
  const value = /^\d{1,15}$/.test(word) ? Number(word) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OrderRefused(
    'invalid',
    `${wordsOf(name).join('-')} ${word}: a whole number from ${least} to ${most}, or ${asServerSays}`,
  );
}
