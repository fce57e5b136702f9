/** The master key, which encrypts the data keys and nothing else; it is never written into the database. */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { decrypt, encrypt, keyLength } from './cipher.ts';

/** The master key of a register. */
export class MasterKey {
  /** Where it comes from, for messages: a path, or the name of a variable. */
  readonly origin: string;
  /** Tells master keys apart and says nothing about them: 16 hexadecimal digits of a SHA-256. */
  readonly fingerprint: string;
  readonly #key: KeyObject;

  /**
   * @param bytes 32 random bytes.
   * @throws Error if it has another length.
   */
  constructor(bytes: Uint8Array, origin: string) {
    if (bytes.length !== keyLength) throw new Error(`${origin}: a master key has ${keyLength} bytes`);
    this.origin = origin;
    this.fingerprint = createHash('sha256').update('familiar master key\n').update(bytes).digest('hex').slice(0, 16);
    this.#key = createSecretKey(bytes);
  }

  /** Encrypts the data key of an appid. */
  wrap(appid: string, dataKey: KeyObject): Uint8Array {
    return encrypt(this.#key, dataKey.export(), ['data_keys', appid]);
  }

  /**
   * Decrypts the data key of an appid.
   * @throws DamagedValueError if another master key encrypted it, or it was changed.
   */
  unwrap(appid: string, wrapped: Uint8Array): KeyObject {
    return createSecretKey(decrypt(this.#key, wrapped, ['data_keys', appid]));
  }
}

/**
 * Finds the master key of a register.
 * @param fingerprint of the key that the register needs; undefined while nothing is encrypted, so that a key may be made.
 * @throws Error for the operator if there is none.
 */
export type MasterKeySource = (fingerprint: string | undefined) => Promise<MasterKey>;

/** The number of the only row of `master_keys`. */
export const onlyMasterKey = 1;

/**
 * Finds the master key, and notes its fingerprint in a register that has none yet. The key is durable before its
 * fingerprint is; of processes that do this at once, all use the key that was noted first.
 * @throws Error for the operator if the key is not the one that the register was encrypted with.
 */
export async function openMasterKey(db: Kysely<Tables>, source: MasterKeySource): Promise<MasterKey> {
  const known = await fingerprintOf(db);
  const key = await source(known);
  const needed = known ?? (await noteFingerprint(db, key));
  if (needed === key.fingerprint) return key;
  throw new Error(
    `it is encrypted with the master key ${needed}, and ${key.origin} holds another one, ${key.fingerprint}; ` +
      'name the right one with --master-key-file',
  );
}

/** @returns the fingerprint that is noted then: another process may have been quicker. */
async function noteFingerprint(db: Kysely<Tables>, { fingerprint }: MasterKey): Promise<string | undefined> {
  await db
    .insertInto('master_keys')
    .values({ id: onlyMasterKey, fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return fingerprintOf(db);
}

/** The fingerprint of the master key that a register needs; undefined while nothing is encrypted. */
export async function fingerprintOf(db: Kysely<Tables>): Promise<string | undefined> {
  const row = await db
    .selectFrom('master_keys')
    .select('fingerprint')
    .where('id', '=', onlyMasterKey)
    .executeTakeFirst();
  return row?.fingerprint;
}
