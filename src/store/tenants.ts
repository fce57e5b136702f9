/** Ends appids. */
import type { Kysely } from 'kysely';
import type { Store } from '../domain/stores.ts';
import type { AuditTrail } from './audit/trail.ts';
import type { Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import type { CallTables, Tables } from './tables.ts';

/** Persons of one transaction, so that other writers do not wait long. */
const batchSize = 20;

/** Ids of one transaction that forgets them. */
const idsOfBatch = 1_000;

/** Called with how many of how many persons are erased. */
export type OnErasing = (done: number, total: number) => void;

/**
 * Ends an appid. The first transaction takes away its keys and its data key: from then on its calls are refused, and what
 * it had encrypted can be read by nobody, not even in a copy of the database that is made later. Then its persons are
 * erased, in batches, as delperson erases them, so that indexes follow. Its counted calls stay, since they are invoiced.
 * @returns false if there is nothing of the appid.
 */
export async function removeTenant(
  appid: string,
  { db, transactions, callTransactions, store, audit, onErasing }: RemovalParts,
): Promise<boolean> {
  const hadAccess = await transactions.run(async (trx) => {
    await dialectOf(trx).lockRegistry?.(trx, appid);
    await trx.deleteFrom('data_keys').where('appid', '=', appid).execute();
    await trx.deleteFrom('keys').where('appid', '=', appid).execute();
    await trx.deleteFrom('corrections').where('appid', '=', appid).execute();
    await trx.deleteFrom('forbidden_pairs').where('appid', '=', appid).execute();
    for (const table of ['proposals', 'checks', 'sightings'] as const) {
      await trx.deleteFrom(table).where('appid', '=', appid).execute();
    }
    await trx.deleteFrom('buckets').where('appid', '=', appid).execute();
    const { numDeletedRows } = await trx.deleteFrom('tenants').where('appid', '=', appid).executeTakeFirstOrThrow();
    if (numDeletedRows === 1n) await audit.note(trx, appid, { action: 'tenants remove' });
    return numDeletedRows === 1n;
  });
  await callTransactions.run(async (trx) => {
    await trx.deleteFrom('spent_signatures').where('appid', '=', appid).execute();
    await trx.deleteFrom('key_uses').where('appid', '=', appid).execute();
  });
  const total = await countPersons(db, appid);
  let done = 0;
  for (let ids = await somePersons(db, appid); ids.length > 0; ids = await somePersons(db, appid)) {
    await store.write(async (inner) => {
      for (const id of ids) await inner.deletePerson(id);
    });
    done += ids.length;
    onErasing(done, Math.max(done, total));
  }
  while (await forgetSomeIds(transactions, appid));
  // A call that was under way when the appid ended may have written once more.
  await transactions.run(async (trx) => {
    await trx.deleteFrom('data_keys').where('appid', '=', appid).execute();
    await trx.deleteFrom('sightings').where('appid', '=', appid).execute();
  });
  return hadAccess || done > 0;
}

/** What {@link removeTenant} works with. */
export interface RemovalParts {
  readonly db: Kysely<Tables>;
  readonly transactions: Transactions;
  readonly callTransactions: Transactions<CallTables>;
  /** The appid's registry. */
  readonly store: Store;
  readonly audit: AuditTrail;
  readonly onErasing: OnErasing;
}

async function somePersons(db: Kysely<Tables>, appid: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('persons')
    .select('person_id')
    .where('appid', '=', appid)
    .orderBy('person_id')
    .limit(constant(batchSize))
    .execute();
  return rows.map((row) => row.person_id);
}

/** Forgets which ids the audit's digests stand for, which without the data key nobody can tell. @returns whether there are more. */
async function forgetSomeIds(transactions: Transactions, appid: string): Promise<boolean> {
  return transactions.run(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('audit_ids')
      .where('appid', '=', appid)
      .where('digest', 'in', (eb) =>
        eb.selectFrom('audit_ids').select('digest').where('appid', '=', appid).limit(constant(idsOfBatch)),
      )
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  });
}

async function countPersons(db: Kysely<Tables>, appid: string): Promise<number> {
  const { persons } = await db
    .selectFrom('persons')
    .select((eb) => eb.fn.countAll<number>().as('persons'))
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  return persons;
}
