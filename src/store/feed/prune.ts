/** Has the change feed of a registry forget what no follower needs any more. */
import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialects/dialect.ts';
import type { Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';

/** How long changes are kept for a copy that gives no sign, in milliseconds: longer than clocks of machines differ. */
const keptForCopyMs = 10 * 60_000;
/** Rows that are deleted in one transaction, so that no write waits long for it. */
const rowsPerPruning = 100;

/** Statements that delete the changes of every registry from the feed. */
export const forgetEveryChange: readonly string[] = [
  'update registries set forgotten = changes where forgotten < changes',
  'delete from changes',
];

/**
 * Deletes the changes up to a position, at most some hundreds of the oldest; nothing if the position is beyond the last
 * one, as after a database was put back in time.
 * @returns whether there are more of them to delete.
 */
export async function prune({ db, appid }: Scope, position: number): Promise<boolean> {
  const pruned = await db
    .updateTable('registries')
    .set({ forgotten: dialectOf(db).smaller(sql`forgotten + ${rowsPerPruning}`, position) })
    .where('appid', '=', appid)
    .where('forgotten', '<', position)
    .where('changes', '>=', position)
    .where(({ not, exists }) => not(exists(livingCopy(db))))
    .returning('forgotten')
    .executeTakeFirst();
  if (pruned === undefined) return false;
  const { forgotten } = pruned;
  await db.deleteFrom('changes').where('appid', '=', appid).where('sequence', '<=', forgotten).execute();
  return forgotten < position;
}

/** A copy of the register that is being made: what changes meanwhile is kept for it. */
function livingCopy(db: Kysely<Tables>) {
  return db
    .selectFrom('copies')
    .select('role')
    .where('role', '=', 'from')
    .where('seen_at', '>', Date.now() - keptForCopyMs);
}
