/** Copies the data keys of a register, each encrypted with the master key of its place. */
import type { Kysely } from 'kysely';
import type { MasterKey } from '../encryption/master-key.ts';
import type { Tables } from '../tables.ts';

/** A register's data keys and what opens them. */
export interface DataKeysOf {
  readonly db: Kysely<Tables>;
  readonly masterKey: MasterKey;
}

/** Data keys stay the same, and are encrypted with the other master key; those that changed, or went, do so in the copy. */
export async function copyDataKeys(from: DataKeysOf, to: DataKeysOf): Promise<void> {
  const rows = await from.db.selectFrom('data_keys').selectAll().execute();
  const there = new Map((await to.db.selectFrom('data_keys').selectAll().execute()).map((row) => [row.appid, row]));
  for (const { appid, wrapped } of rows) {
    const key = from.masterKey.unwrap(appid, wrapped);
    const known = there.get(appid);
    there.delete(appid);
    if (known !== undefined && to.masterKey.unwrap(appid, known.wrapped).equals(key)) continue;
    const row = { wrapped: to.masterKey.wrap(appid, key) };
    await to.db
      .insertInto('data_keys')
      .values({ appid, ...row })
      .onConflict((conflict) => conflict.column('appid').doUpdateSet(row))
      .execute();
  }
  for (const appid of there.keys()) await to.db.deleteFrom('data_keys').where('appid', '=', appid).execute();
}
