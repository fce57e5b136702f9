/** The limits that an appid may have of its own, and what else it may want, as the operator writes them. */
import type { Resembling, Retention, TenantLimits } from '../../auth/keys.ts';
import { OrderRefused } from './order.ts';

/** The name of a limit. */
export type LimitName = keyof TenantLimits;

/** One limit, which is a number, or a word out of some. */
export type LimitRow = {
  /** What it limits. */
  readonly about: string;
} & ({ readonly least: number; readonly most: number } | { readonly choices: readonly string[] });

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
  resembling: {
    about: 'a new face that resembles another person: warn tells the score, refuse answers code -1313',
    choices: ['warn', 'refuse'] satisfies Resembling[],
  },
  resemblingScore: { about: 'from which score on it does, 70 to 99; 92 is usual', least: 70, most: 99 },
  retentionDays: { about: 'days after which a person that nobody saw is due', least: 1, most: 36_500 },
  retention: {
    about: 'persons who are due are listed, or erased',
    choices: ['list', 'erase'] satisfies Retention[],
  },
} as const satisfies Partial<Record<LimitName, LimitRow>>;

/** The limits that may be set. */
export const limitNames = Object.keys(limitTable) as (keyof typeof limitTable)[];

/** The word that takes a limit of its own away. */
export const asServerSays = 'default';

/** What may be said of a limit, for the help of a command. */
export function wordFor(name: LimitName): string {
  const row: LimitRow = limitTable[name];
  return 'choices' in row ? row.choices.join('|') : 'number';
}

/** The words of a limit's name: `calls`, `per`, `second`. */
export function wordsOf(name: LimitName): readonly string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

/**
 * Reads limits.
 * @param words a whole number for each limit, or one of its words, or `default`; what is absent is left as it is.
 * @throws OrderRefused that says which is not understood.
 */
export function readLimits(words: { readonly [K in LimitName]?: string | undefined }): {
  readonly [K in LimitName]?: TenantLimits[K] | null;
} {
  const read = limitNames.flatMap((name) => {
    const word = words[name];
    return word === undefined ? [] : [[name, word === asServerSays ? null : readLimit(name, word)]];
  });
  return Object.fromEntries(read);
}

function readLimit(name: keyof typeof limitTable, word: string): number | string {
  const row: LimitRow = limitTable[name];
  if ('choices' in row) {
    if (row.choices.includes(word)) return word;
    throw new OrderRefused(
      'invalid',
      `${wordsOf(name).join('-')} ${word}: one of ${[...row.choices, asServerSays].join(', ')}`,
    );
  }
  const { least, most } = row;
  const value = /^\d{1,15}$/.test(word) ? Number(word) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OrderRefused(
    'invalid',
    `${wordsOf(name).join('-')} ${word}: a whole number from ${least} to ${most}, or ${asServerSays}`,
  );
}
