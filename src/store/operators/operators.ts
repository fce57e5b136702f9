/** Keeps operators with their links, sessions and passkeys. Each change is told of in the audit. */
import type { Kysely } from 'kysely';
import type { OperatorStore } from '../../auth/operators.ts';
import { orStorageFailed } from '../access.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Transactions } from '../database.ts';
import type { Tables } from '../tables.ts';
import { endSessions, OperatorChanges, operatorOf, removePasskeys, selectOperators } from './changes.ts';
import { openLinks } from './links.ts';
import { openPasskeys } from './passkeys.ts';
import { openSessions } from './sessions.ts';

/** The operators of a database. */
export function openOperators(
  db: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  audit: Pick<AuditTrail, 'noteAlone'>,
): OperatorStore {
  const changes = new OperatorChanges(transactions, audit);
  return {
    ...openPasskeys(db, changes),
    ...openLinks(db, changes),
    ...openSessions(db, changes),
    list: async () => (await orStorageFailed(selectOperators(db).orderBy('name').execute())).map(operatorOf),
    async passwordOf(name) {
      const query = db.selectFrom('operators').select('password').where('name', '=', name);
      return (await orStorageFailed(query.executeTakeFirst()))?.password;
    },
    setGrant: (name, { role, appid }) =>
      changes.write(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('operators')
          .set({ role, appid })
          .where('name', '=', name)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows !== 1n) return false;
        await endSessions(trx, name);
        await changes.note(trx, 'operators set', { operator: name, role, appid });
        return true;
      }),
    remove: (name) =>
      changes.write(async (trx) => {
        const { numDeletedRows } = await trx.deleteFrom('operators').where('name', '=', name).executeTakeFirstOrThrow();
        await endSessions(trx, name);
        await removePasskeys(trx, name);
        await trx.deleteFrom('operator_links').where('name', '=', name).execute();
        if (numDeletedRows !== 1n) return false;
        await changes.note(trx, 'operators remove', { operator: name });
        return true;
      }),
  };
}
