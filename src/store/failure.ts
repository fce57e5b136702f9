/** Tells the ways apart in which a database fails, as far as what to do about them differs. */

/** A way to fail. */
export type Failure = 'busy' | 'damaged' | 'disk' | 'full';

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const failures: Readonly<Record<number, Failure>> = {
  5: 'busy',
  6: 'busy',
  10: 'disk',
  11: 'damaged',
  13: 'full',
  26: 'damaged',
};

/** How the database failed, by an error or what caused it; undefined if in none of these ways. */
export function failureOf(error: unknown): Failure | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { errcode } = each as Error & { readonly errcode?: number };
    // The lowest byte of an extended code is the primary one.
    if (errcode !== undefined) return failures[errcode & 0xff];
  }
  return undefined;
}
