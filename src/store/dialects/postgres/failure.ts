/** What the ways mean in which PostgreSQL fails. */

/** Classes and codes of errors (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const failures = {
  // What the machine that is asked says of another one.
  '08001': 'partly unreachable',
  '08003': 'partly unreachable',
  '08006': 'partly unreachable',
  '53100': 'full',
  '53300': 'unreachable',
  '55P03': 'busy',
  '57014': 'unreachable',
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '58030': 'disk',
  XX001: 'damaged',
  XX002: 'damaged',
} as const;

/** The database cannot be reached, or does not answer in time. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(cause: unknown) {
    const { message = '', code } = cause as Partial<NodeJS.ErrnoException>;
    super(`the database cannot be reached: ${message || code}`, { cause });
  }
}

/**
 * The code for a planned statement that would give other columns than before. It is that of everything that PostgreSQL does not
 * offer, of which only this comes from {@link outdatedBy}.
 */
const outdatedPlan = '0A000';
/** The function of PostgreSQL's source that finds a plan out of date, which an error names beside its code. */
const outdatedBy = 'RevalidateCachedQuery';
/** Codes after which a transaction may be run again: it could not be serialised, or waited in a circle. */
const passing: ReadonlySet<string> = new Set(['40001', '40P01']);

/** The way in which PostgreSQL failed, by its code. */
export function postgresFailure(error: Error): (typeof failures)[keyof typeof failures] | undefined {
  if (error instanceof UnreachableError) return 'unreachable';
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(failures, code) ? failures[code as keyof typeof failures] : undefined;
}

/** Whether a transaction failed for others that ran at the same time, by the error or what caused it. */
export function isPassing(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = codeOf(each);
    if ((code !== undefined && passing.has(code)) || isOutdatedPlan(each)) return true;
  }
  return false;
}

/** Whether a planned statement failed since a table has other columns than when it was planned. */
export function isOutdatedPlan(error: unknown): boolean {
  if (!(error instanceof Error) || codeOf(error) !== outdatedPlan) return false;
  return (error as Error & { readonly routine?: unknown }).routine === outdatedBy;
}

/** Whether a statement failed since one before it in its transaction had. */
export function followsFailure(error: Error): boolean {
  return codeOf(error) === '25P02';
}

function codeOf(error: Error): string | undefined {
  const { code } = error as Error & { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
