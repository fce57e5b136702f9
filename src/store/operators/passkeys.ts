/** Keeps the passkeys of operators. Each change is told of in the audit. */
import type { Kysely } from 'kysely';
import type { Passkey, PasskeyStore } from '../../auth/passkeys.ts';
import { orStorageFailed } from '../access.ts';
import type { OperatorPasskeyRow, Tables } from '../tables.ts';
import type { OperatorChanges } from './changes.ts';

/** The passkeys of a database. */
export function openPasskeys(db: Kysely<Tables>, changes: OperatorChanges): PasskeyStore {
  return {
    async passkeysOf(operator) {
      const query = db.selectFrom('operator_passkeys').selectAll().where('operator', '=', operator);
      return (await orStorageFailed(query.orderBy('created_at').orderBy('id').execute())).map(passkeyOf);
    },
    async findPasskey(id) {
      const query = db.selectFrom('operator_passkeys').selectAll().where('id', '=', id);
      const row = await orStorageFailed(query.executeTakeFirst());
      return row && passkeyOf(row);
    },
    addPasskey: (passkey) =>
      changes.write(async (trx) => {
        const { operator } = passkey;
        // Of an operator who is gone meanwhile none is kept: somebody of that name later would inherit it.
        const found = await trx.selectFrom('operators').select('name').where('name', '=', operator).executeTakeFirst();
        if (found === undefined) return false;
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('operator_passkeys')
          .values(rowOf(passkey))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows !== 1n) return false;
        await changes.note(trx, 'passkeys add', { operator, label: passkey.label });
        return true;
      }),
    usePasskey: (id, counter, now) =>
      changes.write(async (trx) => {
        // Counters rise with each use, or stay at 0; one that does not rise is of a copy.
        const used = await trx
          .updateTable('operator_passkeys')
          .set({ counter, used_at: now })
          .where('id', '=', id)
          .where((where) => where.or([where('counter', '<', counter), where('counter', '=', 0)]))
          .executeTakeFirstOrThrow();
        return used.numUpdatedRows === 1n;
      }),
    removePasskey: (operator, id) =>
      changes.write(async (trx) => {
        const removed = await trx
          .deleteFrom('operator_passkeys')
          .where('operator', '=', operator)
          .where('id', '=', id)
          .returning('label')
          .executeTakeFirst();
        if (removed === undefined) return false;
        await changes.note(trx, 'passkeys remove', { operator, label: removed.label });
        return true;
      }),
  };
}

function passkeyOf(row: OperatorPasskeyRow): Passkey {
  const { id, operator, label, host, counter } = row;
  return {
    ...{ id, operator, label, host, counter },
    publicKey: Buffer.from(row.public_key, 'base64url'),
    transports: JSON.parse(row.transports) as string[],
    createdAt: row.created_at,
    usedAt: row.used_at,
  };
}

function rowOf({ publicKey, transports, createdAt, usedAt, ...same }: Passkey): OperatorPasskeyRow {
  return {
    ...same,
    public_key: Buffer.from(publicKey).toString('base64url'),
    transports: JSON.stringify(transports),
    created_at: createdAt,
    used_at: usedAt,
  };
}
