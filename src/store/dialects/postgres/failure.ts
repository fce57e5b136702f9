/** What the ways mean in which PostgreSQL fails. */

/** Classes and codes of errors (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const failures = { '53100': 'full', '58030': 'disk', '55P03': 'busy', XX001: 'damaged', XX002: 'damaged' } as const;

/** Codes after which a transaction may be run again: it could not be serialised, or waited in a circle. */
const passing: ReadonlySet<string> = new Set(['40001', '40P01']);

/** The way in which PostgreSQL failed, by its code. */
export function postgresFailure(error: Error): (typeof failures)[keyof typeof failures] | undefined {
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(failures, code) ? failures[code as keyof typeof failures] : undefined;
}

/** Whether a transaction failed for others that ran at the same time, by the error or what caused it. */
export function isPassing(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = codeOf(each);
    if (code !== undefined && passing.has(code)) return true;
  }
  return false;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as Error & { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
