/** Queries for callers' keys. */
import type { Kysely } from 'kysely';
import type { Key, KeyChange, KeyRecord, KeyStore, Tenant } from '../auth/keys.ts';
import { Refusal } from '../errors/refusals.ts';
import type { AuditTrail } from './audit/trail.ts';
import type { Database, Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant } from './dialects/expressions.ts';
import { decrypt, encrypt } from './encryption/cipher.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import { failureOf } from './failure.ts';
import { keyColumnsOf, keyRecordOf, listKeys, selectKeyRecords, setKey } from './key-records.ts';
import type { Ledger } from './ledger.ts';
import { prepare } from './prepared.ts';
import type { RegistryParts } from './registry-transactions.ts';
import { nextOrdinal } from './scope.ts';
import type { SpentSignatures } from './spent-signatures.ts';
import type { Tables } from './tables.ts';
import { declareBuckets, findTenant } from './tenant-records.ts';

/** Tenants, keys and SecretKeys that are kept at most, of each; far more than call within a minute. */
const keptMax = 10_000;

const keyQuery = prepare((db: Kysely<Tables>, { secretId }: { secretId: string }) =>
  selectKeyRecords(db)
    .select('encrypted_key')
    // In the same statement, since every call asks for its key.
    .select((eb) => eb.selectFrom('copies').select('state').where('role', '=', 'from').as('copy'))
    .where('secret_id', '=', secretId),
);

/**
 * The keys of every appid. Those that callers ask for are kept in memory, as long as the database says that nobody has
 * changed a key, an appid or a bucket since they were read. Failures of the database are thrown as they are, but that it cannot be reached.
 */
export class Keyring implements KeyStore {
  readonly #reader: Kysely<Tables>;
  readonly #versionNow: Database['version'];
  /** How often keys were changed here: the database's version need not tell of this process's own writes at once. */
  #changes = 0;
  /** The version while these hold. */
  #version: number | undefined;
  readonly #tenants = new Map<string, Tenant>();
  readonly #keys = new Map<string, Key>();
  readonly #transactions: Transactions;
  readonly #dataKeys: DataKeys;
  readonly #decrypted = new Map<string, { readonly encrypted: Uint8Array; readonly secretKey: string }>();
  readonly #spent: SpentSignatures;
  readonly #audit: AuditTrail;
  readonly #ledger: Ledger;

  constructor(
    { reader, version }: Pick<Database, 'reader' | 'version'>,
    transactions: Transactions,
    { dataKeys, audit }: RegistryParts,
    spent: SpentSignatures,
    ledger: Ledger,
  ) {
    this.#reader = reader;
    this.#versionNow = version;
    this.#transactions = transactions;
    this.#dataKeys = dataKeys;
    this.#spent = spent;
    this.#audit = audit;
    this.#ledger = ledger;
  }

  version(): number | Promise<number> {
    const version = this.#versionNow();
    // Neither number ever falls, so that their sum is another one after either has changed.
    if (typeof version === 'number') return version + this.#changes;
    return version.then((number) => number + this.#changes);
  }

  async findTenant(appid: string): Promise<Tenant | undefined> {
    return this.#find(this.#tenants, appid, () => findTenant(this.#reader, appid));
  }

  async findKey(secretId: string): Promise<Key | undefined> {
    return this.#find(this.#keys, secretId, async () => {
      const [row] = await keyQuery(this.#reader, { secretId });
      if (row === undefined) return undefined;
      if (row.copy === 'moved') throw new Refusal('unavailable', 'the register was moved');
      const record = keyRecordOf(row);
      const secretKey = await this.#decrypt(record, row.encrypted_key);
      return secretKey === undefined ? undefined : { ...record, secretKey };
    });
  }

  /** What is kept if it still holds, and else what is read now. What is not there is never kept: anybody may ask for it. */
  async #find<T>(kept: Map<string, T>, id: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const version = await this.version();
    if (version !== this.#version) {
      this.#version = version;
      this.#tenants.clear();
      this.#keys.clear();
    }
    const known = kept.get(id);
    if (known !== undefined) return known;
    const found = await orUnavailable(read());
    // What was read before somebody wrote does not hold for those who ask after it.
    if (found !== undefined && version === this.#version) keep(kept, id, found);
    return found;
  }

  listKeys(): Promise<readonly KeyRecord[]> {
    return listKeys(this.#reader);
  }

  /** Whatever is written, keys stay the same, so those that were decrypted once are kept. Undefined if the appid ends just now. */
  async #decrypt({ appid, secretId }: KeyRecord, encrypted: Uint8Array): Promise<string | undefined> {
    const known = this.#decrypted.get(secretId);
    if (known !== undefined && Buffer.compare(known.encrypted, encrypted) === 0) return known.secretKey;
    const row = await this.#reader
      .selectFrom('data_keys')
      .select('wrapped')
      .where('appid', '=', appid)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const secretKey = Buffer.from(
      decrypt(this.#dataKeys.open(appid, row.wrapped), encrypted, ['keys', secretId]),
    ).toString();
    keep(this.#decrypted, secretId, { encrypted, secretKey });
    return secretKey;
  }

  spendSignature(appid: string, digest: Uint8Array): Promise<boolean> {
    return orUnavailable(this.#spent.spend(appid, digest));
  }

  noteUse({ secretId, appid }: KeyRecord, at: number): void {
    this.#ledger.noteUse(secretId, appid, at);
  }

  addKey(key: Key, buckets: readonly string[], mustBeFirst = false): Promise<boolean> {
    const { appid, secretId } = key;
    return this.change(async (db) => {
      await dialectOf(db).lockRegistry?.(db, appid);
      await dialectOf(db).lockKeys(db);
      if (await isTaken(db, mustBeFirst ? undefined : secretId)) return false;
      await insertKey(db, key, this.#dataKeys);
      await declare(db, appid, buckets);
      const detail = { secret_id: secretId, buckets, ...toldOf(key) };
      await this.#audit.note(db, appid, { action: 'keys add', detail });
      return true;
    });
  }

  setKey(secretId: string, change: KeyChange): Promise<boolean> {
    return this.#changeKey(secretId, async (db, appid) => {
      await setKey(db, secretId, change);
      await this.#audit.note(db, appid, { action: 'keys set', detail: { secret_id: secretId, ...toldOf(change) } });
      return true;
    });
  }

  revokeKey(secretId: string, at: number): Promise<boolean> {
    return this.#changeKey(secretId, async (db, appid) => {
      const { numUpdatedRows } = await db
        .updateTable('keys')
        .set({ revoked_at: at })
        .where('secret_id', '=', secretId)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows !== 1n) return false;
      await this.#audit.note(db, appid, { action: 'keys revoke', detail: { secret_id: secretId } });
      return true;
    });
  }

  /** Changes a key under the lock of its appid; false if there is no such key. */
  #changeKey(secretId: string, work: (db: Kysely<Tables>, appid: string) => Promise<boolean>): Promise<boolean> {
    return this.change(async (db) => {
      const [key] = await keyQuery(db, { secretId });
      if (key === undefined) return false;
      await dialectOf(db).lockRegistry?.(db, key.appid);
      return work(db, key.appid);
    });
  }

  /** Runs a transaction after which nothing that was read of keys and appids before holds. */
  async change<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#transactions.run(work);
    } finally {
      this.#changes += 1;
    }
  }
}

/**
 * What the database gives.
 * @throws Refusal `keyStoreUnavailable` if it cannot be reached.
 */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (failureOf(cause) !== 'unreachable') throw cause;
    throw new Refusal('keyStoreUnavailable', '', { cause });
  }
}

/** What the audit says of a key's change: what it is called is the owner's affair. */
function toldOf({ name, expiresAt, endpoints }: KeyChange): Readonly<Record<string, unknown>> {
  return {
    ...(name !== undefined && { name: name === null ? 'removed' : 'changed' }),
    ...(expiresAt !== undefined && { expires: expiresAt && new Date(expiresAt).toISOString() }),
    ...(endpoints !== undefined && { endpoints }),
  };
}

function keep<T>(kept: Map<string, T>, id: string, value: T): void {
  if (kept.size >= keptMax) kept.clear();
  kept.set(id, value);
}

/**
 * Whether there is a key with the SecretId, or any key if none is given. No other transaction adds one in between: they take
 * turns.
 */
async function isTaken(db: Kysely<Tables>, secretId: string | undefined): Promise<boolean> {
  const row = await db
    .selectFrom('keys')
    .select('secret_id')
    .$if(secretId !== undefined, (query) => query.where('secret_id', '=', secretId as string))
    .limit(constant(1))
    .executeTakeFirst();
  return row !== undefined;
}

async function insertKey(db: Kysely<Tables>, key: Key, dataKeys: DataKeys): Promise<void> {
  const dataKey = await dataKeys.ensure(db, key.appid);
  // In a statement of its own: a table that is whole on several machines takes no values that are selected.
  const { next } = await db.selectFrom('keys').select(nextOrdinal('ordinal').as('next')).executeTakeFirstOrThrow();
  await db
    .insertInto('keys')
    .values({
      appid: key.appid,
      secret_id: key.secretId,
      encrypted_key: encrypt(dataKey, Buffer.from(key.secretKey), ['keys', key.secretId]),
      created_at: key.createdAt,
      revoked_at: key.revokedAt,
      ...keyColumnsOf(key),
      ordinal: next,
    })
    .execute();
}

async function declare(db: Kysely<Tables>, appid: string, buckets: readonly string[]): Promise<void> {
  await db
    .insertInto('tenants')
    .values({ appid })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await declareBuckets(db, appid, buckets);
}
