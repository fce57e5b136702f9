/** The port to storage that authentication uses: tenants, keys and spent signatures. */

/** A customer account: every person, group and face belongs to one. */
export interface Tenant {
  /** Decimal digits. */
  readonly appid: string;
  /** The buckets that signatures may name; empty if the appid declares none and any name passes. */
  readonly buckets: readonly string[];
  readonly limits: TenantLimits;
}

/** What an appid may do and keep, as far as it was set for it alone; what is absent is as the server's settings say. */
export interface TenantLimits {
  /** Calls a second; 0 for no limit. */
  readonly callsPerSecond?: number;
  /** Calls in flight. */
  readonly callsInFlight?: number;
  /** Pictures in flight; a call with more of them is let in alone. */
  readonly picturesInFlight?: number;
  /** Pictures analysed in a calendar month; no limit if absent. */
  readonly picturesPerMonth?: number;
  readonly groups?: number;
  /** No limit if absent. */
  readonly persons?: number;
  /** No limit if absent. */
  readonly faces?: number;
  /** Bytes of embeddings and crops, as they are stored; no limit if absent. */
  readonly bytes?: number;
  /** The least quality, 0 to 100, of a face that is enrolled. */
  readonly enrolQuality?: number;
  /** What becomes of a new face that resembles another person: it is told, or refused; nothing if absent. */
  readonly resembling?: Resembling;
  /** From which score on it does; as the program has it if absent. */
  readonly resemblingScore?: number;
  /** After so many days without verify or identify a person is due; never if absent. */
  readonly retentionDays?: number;
  /** Whether persons who are due are only listed, or erased; listed if absent. */
  readonly retention?: Retention;
}

/** What may become of a new face that resembles another person. */
export type Resembling = 'warn' | 'refuse';
/** What may become of persons who were not seen for long. */
export type Retention = 'list' | 'erase';

/** What may be shown of a key. */
export interface KeyRecord {
  readonly secretId: string;
  readonly appid: string;
  /** What its owner calls it; absent if it has no name. */
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970: from then on it is refused. Absent if it never expires. */
  readonly expiresAt?: number;
  /** The names of the endpoints that it may call; absent if it may call all. */
  readonly endpoints?: readonly string[];
  /** Milliseconds since 1970, or null while the key is valid. */
  readonly revokedAt: number | null;
}

/** What may be changed of a key; an absent field is left as it is, and null takes away what was set. */
export interface KeyChange {
  readonly name?: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null;
  readonly endpoints?: readonly string[] | null;
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
  /**
   * Notes that a key is used; nothing waits for it.
   * @param at milliseconds since 1970.
   */
  noteUse(key: KeyRecord, at: number): void;
  /** In order of creation. */
  listKeys(): Promise<readonly KeyRecord[]>;
  /** False if there is no such key. */
  setKey(secretId: string, change: KeyChange): Promise<boolean>;
  /** False if there is no such key, or it is revoked already. */
  revokeKey(secretId: string, at: number): Promise<boolean>;
}
