/** Keeps the sessions of operators. That somebody signed in is told of in the audit. */
import type { Kysely } from 'kysely';
import type { OperatorStore } from '../../auth/operators.ts';
import { orStorageFailed } from '../access.ts';
import type { Tables } from '../tables.ts';
import { endSessions, type OperatorChanges, operatorOf, selectOperators } from './changes.ts';

/** How long a session may last, and how long it may be without a request, in milliseconds. */
const sessionMs = 12 * 60 * 60 * 1_000;
const idleMs = 2 * 60 * 60 * 1_000;
/** How long the use of a session is not written down again, in milliseconds. */
const usedAtMs = 60_000;

/** The sessions of a database. */
export function openSessions(
  db: Kysely<Tables>,
  changes: OperatorChanges,
): Pick<OperatorStore, 'addSession' | 'findSession' | 'endSession' | 'endSessions'> {
  return {
    addSession: (digest, operator, now) =>
      changes.write(async (trx) => {
        await trx
          .deleteFrom('operator_sessions')
          .where((where) =>
            where.or([where('signed_in_at', '<=', now - sessionMs), where('used_at', '<=', now - idleMs)]),
          )
          .execute();
        await trx
          .insertInto('operator_sessions')
          .values({ digest, operator, signed_in_at: now, used_at: now })
          .execute();
        await changes.note(trx, 'sign in', { operator });
      }),
    async findSession(digest, now) {
      const row = await orStorageFailed(
        selectOperators(db)
          .innerJoin('operator_sessions', 'operator_sessions.operator', 'operators.name')
          .select(['operator_sessions.signed_in_at', 'operator_sessions.used_at'])
          .where('operator_sessions.digest', '=', digest)
          .where('operator_sessions.signed_in_at', '>', now - sessionMs)
          .where('operator_sessions.used_at', '>', now - idleMs)
          .executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      if (row.used_at <= now - usedAtMs) {
        const used = db.updateTable('operator_sessions').set({ used_at: now }).where('digest', '=', digest);
        await changes.write((trx) => trx.executeQuery(used));
      }
      return { operator: operatorOf(row), signedInAt: row.signed_in_at };
    },
    endSession: (digest) =>
      changes.write(async (trx) => {
        await trx.deleteFrom('operator_sessions').where('digest', '=', digest).execute();
      }),
    endSessions: (name) => changes.write((trx) => endSessions(trx, name)),
  };
}
