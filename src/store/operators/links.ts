/** Keeps links by which operators set a password. Each change is told of in the audit. */
import type { Kysely } from 'kysely';
import type { OperatorStore } from '../../auth/operators.ts';
import { orStorageFailed } from '../access.ts';
import type { Tables } from '../tables.ts';
import { endSessions, type OperatorChanges, operatorOf, removePasskeys, selectOperators } from './changes.ts';

/** How long a link for setting a password can be used, in milliseconds. */
const linkMs = 60 * 60 * 1_000;

/** The links of a database. */
export function openLinks(
  db: Kysely<Tables>,
  changes: OperatorChanges,
): Pick<OperatorStore, 'addLink' | 'findLink' | 'useLink'> {
  return {
    addLink: (digest, name, { role, appid }, now) =>
      changes.write(async (trx) => {
        await trx
          .deleteFrom('operator_links')
          .where('made_at', '<=', now - linkMs)
          .execute();
        await trx.insertInto('operator_links').values({ digest, name, role, appid, made_at: now }).execute();
        await changes.note(trx, 'console link', { operator: name, role, appid });
      }),
    async findLink(digest, now) {
      const query = db.selectFrom('operator_links').select('name').where('digest', '=', digest);
      return (await orStorageFailed(query.where('made_at', '>', now - linkMs).executeTakeFirst()))?.name;
    },
    useLink: (digest, password, now) =>
      changes.write(async (trx) => {
        // Whoever deletes it has it: a link is used once, by whichever server.
        const link = await trx
          .deleteFrom('operator_links')
          .where('digest', '=', digest)
          .where('made_at', '>', now - linkMs)
          .returningAll()
          .executeTakeFirst();
        if (link === undefined) return undefined;
        const { name, role, appid } = link;
        // A password is set anew where the old one got lost, or into wrong hands, which may have added a passkey.
        await removePasskeys(trx, name);
        await trx
          .insertInto('operators')
          .values({ name, role, appid, password, created_at: now })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ role, appid, password }))
          .execute();
        await endSessions(trx, name);
        await changes.note(trx, 'operators password', { operator: name, role, appid });
        return operatorOf(await selectOperators(trx).where('name', '=', name).executeTakeFirstOrThrow());
      }),
  };
}
