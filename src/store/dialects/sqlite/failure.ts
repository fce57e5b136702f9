/** Recognises the failures of SQLite. */

/** Primary result codes (https://sqlite.org/rescode.html). */
const failures = { 5: 'busy', 6: 'busy', 10: 'disk', 11: 'damaged', 13: 'full', 26: 'damaged' } as const;

/** How SQLite failed, by the code of its error. */
export function sqliteFailure(error: Error): (typeof failures)[keyof typeof failures] | undefined {
  const { errcode = 0 } = error as Error & { readonly errcode?: number };
  // The lowest byte of an extended code is the primary one.
  const code = errcode & 0xff;
  return Object.hasOwn(failures, code) ? failures[code as keyof typeof failures] : undefined;
}
