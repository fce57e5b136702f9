/** Tells the ways apart in which a database fails, as far as what to do about them differs. */
import { followsFailure, postgresFailure } from './dialects/postgres/failure.ts';
import { sqliteFailure } from './dialects/sqlite/failure.ts';

/** A way to fail; what is partly unreachable is one machine of several, and with it some of the appids. */
export type Failure = 'busy' | 'damaged' | 'disk' | 'full' | 'partly unreachable' | 'unreachable';

/** How the database failed, by an error or what caused it; undefined if in none of these ways. */
export function failureOf(error: unknown): Failure | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const failure = sqliteFailure(each) ?? postgresFailure(each);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Whether an error says no more than that a statement before it had failed. */
export function isConsequence(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) if (followsFailure(each)) return true;
  return false;
}
