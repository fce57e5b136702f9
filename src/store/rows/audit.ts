/** The rows of the audit. */

/** A line of the audit: one change, and who made it. Each belongs to a chain, in which each line's hash depends on the one before. */
export interface AuditRow {
  /** Whose register or keys were changed; empty for what concerns the installation. */
  appid: string;
  /** Empty for the chain in which changes are written with what they change; else the one server that writes to it. */
  chain: string;
  /** Counts the lines of the chain from 1. */
  sequence: number;
  /** Milliseconds since 1970. */
  at: number;
  /** `stump` for what is left of lines that were pruned. */
  kind: 'key' | 'operator' | 'server' | 'stump';
  /** The SecretId, or the account of the operating system. */
  actor: string;
  /** The endpoint or the command. */
  action: string;
  /** The digests of the ids that were touched, as JSON: `{"persons":[…],"faces":[…],"groups":[…]}` without those that are empty. */
  ids: string;
  /** What else there is to say of an operator's act, as a JSON object; empty if nothing. */
  detail: string;
  /** 0 for what was done, else the code that the call or the command ended with; null while that is not known. */
  code: number | null;
  request_id: string;
  /** HMAC-SHA-256 over all of the line and the hash of the line before. */
  hash: Uint8Array;
}

/** The id that a digest in the audit stands for, as long as it is registered. */
export interface AuditIdRow {
  appid: string;
  digest: string;
  /** The id, encrypted with the appid's data key, in base64url: SQLite may leave traces of what is deleted in its pages. */
  encrypted_id: string;
}

/** A line of the chain of changes that tells of a person. */
export interface AuditPersonRow {
  appid: string;
  /** The person, as in the line. */
  digest: string;
  /** Of the line, and when it was written. */
  sequence: number;
  at: number;
}

/** The settings that a server was started with last. */
export interface AuditSettingsRow {
  /** Where the server runs: host and data folder. */
  server: string;
  /** A JSON object: values by name, of secret ones a keyed hash. */
  settings: string;
}
