/** The rows of appids and keys. */
import type { Generated } from 'kysely';

/** An appid that may call. */
export interface TenantRow {
  appid: string;
  /** For the operator; empty if there is none. */
  note: Generated<string>;
  /** Limits of its own, as auth/keys.ts tells them; null where none was set. */
  calls_per_second: number | null;
  calls_in_flight: number | null;
  pictures_in_flight: number | null;
  pictures_per_month: number | null;
  groups: number | null;
  persons: number | null;
  faces: number | null;
  bytes: number | null;
  enrol_quality: number | null;
  /** What becomes of a new face that resembles another person: `warn` or `refuse`. */
  resembling: string | null;
  resembling_score: number | null;
  /** After so many days persons who were not seen are due. */
  retention_days: number | null;
  /** What becomes of persons who are due: `list` or `erase`. */
  retention: string | null;
}

/** A bucket that an appid has declared. */
export interface BucketRow {
  appid: string;
  bucket: string;
}

/** A pair of SecretId and SecretKey. */
export interface KeyRow {
  appid: string;
  /** Unique among all appids. */
  secret_id: string;
  /** The SecretKey, encrypted with the appid's data key. */
  encrypted_key: Uint8Array;
  /** Milliseconds since 1970. */
  created_at: number;
  /** Milliseconds since 1970. */
  revoked_at: number | null;
  /** Order of creation among all keys. */
  ordinal: number;
  name: string | null;
  /** Milliseconds since 1970. */
  expires_at: number | null;
  /** The names of the endpoints that it may call, as a JSON list; null if it may call all. */
  endpoints: string | null;
}

/** When a key was last used. */
export interface KeyUseRow {
  /** Unique among all appids. */
  secret_id: string;
  appid: string;
  /** Milliseconds since 1970; up to a minute early. */
  used_at: number;
}

/** The key that encrypts what an appid keeps secret. Without it the appid's faces do not exist for any query. */
export interface DataKeyRow {
  appid: string;
  /** Encrypted with the master key. */
  wrapped: Uint8Array;
}

/** The master key that encrypts the data keys: one row. */
export interface MasterKeyRow {
  /** Always 1. */
  id: number;
  /** Tells the key from others; the key itself is not in the database. */
  fingerprint: string;
}

/** A single-use signature that has been used. */
export interface SpentSignatureRow {
  appid: string;
  /** SHA-256 of the signature's bytes. */
  digest: Uint8Array;
  /** Seconds since 1970. */
  spent_at: number;
}
