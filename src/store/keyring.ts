/** Queries for callers' keys. */
import type { Kysely } from 'kysely';
import type { Key, KeyStore, Tenant } from '../auth/keys.ts';
import type { Transactions } from './database.ts';
import { nextOrdinal } from './scope.ts';
import type { SpentSignatures } from './spent-signatures.ts';
import type { Tables } from './tables.ts';

/** The keys of every appid. Failures of the database are thrown as they are. */
export class Keyring implements KeyStore {
  readonly #reader: Kysely<Tables>;
  readonly #transactions: Transactions;
  readonly #spent: SpentSignatures;

  constructor(reader: Kysely<Tables>, transactions: Transactions, spent: SpentSignatures) {
    this.#reader = reader;
    this.#transactions = transactions;
    this.#spent = spent;
  }

  async findTenant(appid: string): Promise<Tenant | undefined> {
    const rows = await this.#reader
      .selectFrom('tenants')
      .leftJoin('buckets', 'buckets.appid', 'tenants.appid')
      .select('buckets.bucket')
      .where('tenants.appid', '=', appid)
      .orderBy('buckets.bucket')
      .execute();
    if (rows.length === 0) return undefined;
    return { appid, buckets: rows.flatMap(({ bucket }) => bucket ?? []) };
  }

  async findKey(secretId: string): Promise<Key | undefined> {
    return this.#keys().where('secret_id', '=', secretId).executeTakeFirst();
  }

  async listKeys(): Promise<readonly Key[]> {
    return this.#keys().orderBy('ordinal').execute();
  }

  spendSignature(appid: string, digest: Uint8Array): Promise<boolean> {
    return this.#spent.spend(appid, digest);
  }

  addKey(key: Key, buckets: readonly string[]): Promise<boolean> {
    return this.#transactions.run(async (db) => {
      if (!(await insertKey(db, key))) return false;
      await declare(db, key.appid, buckets);
      return true;
    });
  }

  revokeKey(secretId: string, at: number): Promise<boolean> {
    return this.#transactions.run(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('keys')
        .set({ revoked_at: at })
        .where('secret_id', '=', secretId)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    });
  }

  #keys() {
    return this.#reader
      .selectFrom('keys')
      .select([
        'secret_id as secretId',
        'appid',
        'secret_key as secretKey',
        'created_at as createdAt',
        'revoked_at as revokedAt',
      ]);
  }
}

async function insertKey(db: Kysely<Tables>, key: Key): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('keys')
    .values({
      appid: key.appid,
      secret_id: key.secretId,
      secret_key: key.secretKey,
      created_at: key.createdAt,
      revoked_at: key.revokedAt,
      ordinal: db.selectFrom('keys').select(nextOrdinal('ordinal').as('next')),
    })
    .onConflict((conflict) => conflict.column('secret_id').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

async function declare(db: Kysely<Tables>, appid: string, buckets: readonly string[]): Promise<void> {
  await db
    .insertInto('tenants')
    .values({ appid })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (const bucket of buckets) {
    await db
      .insertInto('buckets')
      .values({ appid, bucket })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
