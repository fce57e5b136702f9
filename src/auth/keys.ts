/** The port to storage that authentication uses: tenants, keys and spent signatures. */

/** A customer account: every person, group and face belongs to one. */
export interface Tenant {
  /** Decimal digits. */
  readonly appid: string;
  /** The buckets that signatures may name; empty if the appid declares none and any name passes. */
  readonly buckets: readonly string[];
}

/** What may be shown of a key. */
export interface KeyRecord {
  readonly secretId: string;
  readonly appid: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970, or null while the key is valid. */
  readonly revokedAt: number | null;
}

/** A pair of SecretId and SecretKey. */
export interface Key extends KeyRecord {
  readonly secretKey: string;
}

/** The port for checking signatures and managing keys. Changes by another process take effect at once. */
export interface KeyStore {
  /**
   * A number that is another one whenever what the store says of keys, appids or buckets may have changed since it was
   * asked for; absent where that cannot be said.
   */
  version?(): number | Promise<number>;
  findTenant(appid: string): Promise<Tenant | undefined>;
  /** Revoked keys are found too. */
  findKey(secretId: string): Promise<Key | undefined>;
  /**
   * Marks a single-use signature as spent, durably.
   * @param digest SHA-256 of the signature's bytes.
   * @returns false if it was spent before, by any process.
   */
  spendSignature(appid: string, digest: Uint8Array): Promise<boolean>;
  /**
   * Creates the appid if it is new, and declares the buckets given.
   * @param mustBeFirst whether it may be added only if there is no key at all.
   * @returns false, and nothing is written, if the SecretId is taken, or another key is there and it must be the first.
   */
  addKey(key: Key, buckets: readonly string[], mustBeFirst?: boolean): Promise<boolean>;
  /** In order of creation. */
  listKeys(): Promise<readonly KeyRecord[]>;
  /** False if there is no such key, or it is revoked already. */
  revokeKey(secretId: string, at: number): Promise<boolean>;
}
