/** The rows of corrections, checks and retention. */

/** A correction of a registry that can be undone. */
export interface CorrectionRow {
  appid: string;
  id: string;
  /** Milliseconds since 1970. */
  made_at: number;
  /** What is needed to undo it, as JSON, encrypted with the appid's data key. */
  encrypted_undo: Uint8Array;
}

/** A person or face that a correction tells of. */
export interface CorrectionSubjectRow {
  appid: string;
  /** As in the audit. */
  digest: string;
  /** The correction. */
  id: string;
}

/** Two persons who are not the same, as digests in their order. */
export interface ForbiddenPairRow {
  appid: string;
  one: string;
  other: string;
}

/** The last check of the registry of an appid. */
export interface CheckRow {
  appid: string;
  /** Tells this run from others. */
  run: string;
  state: 'running' | 'done' | 'failed';
  /** Milliseconds since 1970; `seen_at` is when the run gave a sign of life. */
  began_at: number;
  seen_at: number;
  /** Persons that were compared, and how many there are. */
  done: number;
  total: number;
  /** What it counted, as JSON; empty while it runs. */
  outcome: string;
}

/** A correction that a check proposes. */
export interface ProposalRow {
  appid: string;
  /** A digest of what it is about, so that the next check finds the same proposal again. */
  id: string;
  /** The check that found it last. */
  run: string;
  state: 'open' | 'dismissed';
  kind: string;
  /** The place in the list: the smaller, the surer. */
  weight: number;
  /** What was found, as JSON, encrypted with the appid's data key. */
  encrypted_finding: Uint8Array;
}

/** A person or face that a proposal tells of. */
export interface ProposalSubjectRow {
  appid: string;
  /** As in the audit. */
  digest: string;
  /** The proposal. */
  id: string;
}

/** When a face was last seen by verify or identify. */
export interface SightingRow {
  appid: string;
  face_id: string;
  /** In days since 1970 in UTC. */
  day: number;
}
