/** The rows of operators. */

/** Somebody who may sign in to run the server. */
export interface OperatorRow {
  name: string;
  role: string;
  /** The one appid that the operator is for; null for all. */
  appid: string | null;
  /** An Argon2id hash with its cost and salt. */
  password: string;
  /** Milliseconds since 1970. */
  created_at: number;
}

/** A signed-in operator. */
export interface OperatorSessionRow {
  /** SHA-256 of the session's token. */
  digest: string;
  operator: string;
  /** Milliseconds since 1970. */
  signed_in_at: number;
  /** Milliseconds since 1970, up to a minute early. */
  used_at: number;
}

/** A link by which somebody becomes an operator, or sets a new password. */
export interface OperatorLinkRow {
  /** SHA-256 of the link's token. */
  digest: string;
  name: string;
  role: string;
  appid: string | null;
  /** Milliseconds since 1970. */
  made_at: number;
}

/** A passkey of an operator. */
export interface OperatorPasskeyRow {
  /** As the authenticator calls it, in base64url. */
  id: string;
  operator: string;
  /** What its owner calls it. */
  label: string;
  /** The host that it is for. */
  host: string;
  /** In COSE, in base64url. */
  public_key: string;
  /** A JSON list. */
  transports: string;
  counter: number;
  /** Milliseconds since 1970. */
  created_at: number;
  used_at: number | null;
}
