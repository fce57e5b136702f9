/** Keeps operators, their sessions, and links for setting a password. Each change is told of in the audit. */
import type { Kysely } from 'kysely';
import type { Grant, Operator, OperatorStore, Role } from '../auth/operators.ts';
import { orStorageFailed } from './access.ts';
import { type AuditTrail, installation } from './audit/trail.ts';
import type { Transactions } from './database.ts';
import { openPasskeys } from './passkeys.ts';
import type { OperatorRow, Tables } from './tables.ts';

/** How long a session may last, and how long it may be without a request, in milliseconds. */
const sessionMs = 12 * 60 * 60 * 1_000;
const idleMs = 2 * 60 * 60 * 1_000;
/** How long a link for setting a password can be used, in milliseconds. */
export const linkMs = 60 * 60 * 1_000;
/** How long the use of a session is not written down again, in milliseconds. */
const usedAtMs = 60_000;

/** The operators of a database. Names of operators are in the audit, as the accounts that act. */
export function openOperators(
  db: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  audit: Pick<AuditTrail, 'noteAlone'>,
): OperatorStore {
  const write = <T>(work: (trx: Kysely<Tables>) => Promise<T>): Promise<T> =>
    orStorageFailed(transactions.run((trx) => work(trx as Kysely<Tables>)));
  const note = (trx: Kysely<Tables>, action: string, detail: Readonly<Record<string, unknown>>): Promise<void> =>
    audit.noteAlone(trx, installation, { action, detail });
  return {
    ...openPasskeys(db, transactions, audit),
    list: async () => (await orStorageFailed(operators(db).orderBy('name').execute())).map(operatorOf),
    async passwordOf(name) {
      const query = db.selectFrom('operators').select('password').where('name', '=', name);
      return (await orStorageFailed(query.executeTakeFirst()))?.password;
    },
    setGrant: (name, { role, appid }) =>
      write(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('operators')
          .set({ role, appid })
          .where('name', '=', name)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows !== 1n) return false;
        await endSessions(trx, name);
        await note(trx, 'operators set', { operator: name, role, appid });
        return true;
      }),
    remove: (name) =>
      write(async (trx) => {
        const { numDeletedRows } = await trx.deleteFrom('operators').where('name', '=', name).executeTakeFirstOrThrow();
        await endSessions(trx, name);
        await removePasskeys(trx, name);
        await trx.deleteFrom('operator_links').where('name', '=', name).execute();
        if (numDeletedRows !== 1n) return false;
        await note(trx, 'operators remove', { operator: name });
        return true;
      }),
    addLink: (digest, name, { role, appid }, now) =>
      write(async (trx) => {
        await trx
          .deleteFrom('operator_links')
          .where('made_at', '<=', now - linkMs)
          .execute();
        await trx.insertInto('operator_links').values({ digest, name, role, appid, made_at: now }).execute();
        await note(trx, 'console link', { operator: name, role, appid });
      }),
    async findLink(digest, now) {
      const query = db.selectFrom('operator_links').select('name').where('digest', '=', digest);
      return (await orStorageFailed(query.where('made_at', '>', now - linkMs).executeTakeFirst()))?.name;
    },
    useLink: (digest, password, now) =>
      write(async (trx) => {
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
        await note(trx, 'operators password', { operator: name, role, appid });
        return operatorOf(await operators(trx).where('name', '=', name).executeTakeFirstOrThrow());
      }),
    addSession: (digest, operator, now) =>
      write(async (trx) => {
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
        await note(trx, 'sign in', { operator });
      }),
    async findSession(digest, now) {
      const row = await orStorageFailed(
        operators(db)
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
        await write((trx) => trx.executeQuery(used));
      }
      return { operator: operatorOf(row), signedInAt: row.signed_in_at };
    },
    endSession: (digest) =>
      write(async (trx) => {
        await trx.deleteFrom('operator_sessions').where('digest', '=', digest).execute();
      }),
    endSessions: (name) => write((trx) => endSessions(trx, name)),
  };
}

function operators(db: Kysely<Tables>) {
  return db.selectFrom('operators').select(['operators.name', 'role', 'appid', 'created_at']);
}

async function endSessions(db: Kysely<Tables>, operator: string): Promise<void> {
  await db.deleteFrom('operator_sessions').where('operator', '=', operator).execute();
}

async function removePasskeys(db: Kysely<Tables>, operator: string): Promise<void> {
  await db.deleteFrom('operator_passkeys').where('operator', '=', operator).execute();
}

function operatorOf({ name, role, appid, created_at }: Omit<OperatorRow, 'password'>): Operator {
  return { name, ...grantOf(role, appid), createdAt: created_at };
}

function grantOf(role: string, appid: string | null): Grant {
  return { role: role as Role, appid };
}
