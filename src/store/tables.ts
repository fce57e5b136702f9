/** The shape of every table: text, integers and bytes only, where SQLite and PostgreSQL agree. */
import type { Generated } from 'kysely';

/** What one appid keeps as a whole; made with its first group or change. */
export interface RegistryRow {
  appid: string;
  /** How many groups the appid has; decides `groupsMax`. */
  groups: number;
  /** How many persons and faces it has, and bytes of embeddings and crops; decide the limits that are set for the appid. */
  persons: Generated<number>;
  faces: Generated<number>;
  bytes: Generated<number>;
  /** How many changes there have been: the sequence of the last one. */
  changes: Generated<number>;
  /** The sequence of the last change that is no longer kept. */
  forgotten: Generated<number>;
}

/** A change of a registry, for its followers; columns that its kind does not use are empty. */
export interface ChangeRow {
  appid: string;
  /** Counts the appid's changes from 1; never used twice. */
  sequence: number;
  /** Of `updatePerson` nothing can be searched; it is for who copies the register. */
  kind: 'insertFace' | 'removeFace' | 'removePerson' | 'updatePerson' | 'joinGroups' | 'leaveGroups';
  person_id: string;
  face_id: string;
  /** A JSON list. */
  group_ids: string;
}

/** A person. */
export interface PersonRow {
  appid: string;
  person_id: string;
  name: string;
  tag: string;
}

/** A group, which has at least one member. */
export interface GroupRow {
  appid: string;
  group_id: string;
  /** Order of creation among the appid's groups. */
  ordinal: number;
  /** How many memberships name the group; decides `personsPerGroupMax`. */
  members: number;
}

/** The membership of a person in a group. */
export interface MembershipRow {
  appid: string;
  group_id: string;
  person_id: string;
  /** Order of joining among the group's members. */
  member_ordinal: number;
  /** Order of joining among the person's groups. */
  group_ordinal: number;
}

/** A face, without what recognition needs. */
export interface FaceRow {
  appid: string;
  face_id: string;
  person_id: string;
  /** Order of creation among the person's faces. */
  ordinal: number;
  tag: string;
  /** The box's sides in hundredths of a pixel. */
  box_x: number;
  box_y: number;
  box_width: number;
  box_height: number;
  gender: number;
  age: number;
  expression: number;
  /** 1 with glasses, else 0. */
  glass: number;
  pitch: number;
  yaw: number;
  roll: number;
  /** 0 to 100, as it was measured when the face was added; null of one that a version before added. */
  quality: number | null;
  /** When it was enrolled, in days since 1970 in UTC. */
  enrolled_day: Generated<number>;
}

/** The embedding of a face by one model. Never changed once written. */
export interface EmbeddingRow {
  appid: string;
  face_id: string;
  /** Digest of the model. */
  model: string;
  /** Little-endian 32-bit floats, encrypted with the appid's data key. */
  embedding: Uint8Array;
}

/** The picture of a face, from which a later model can make its embedding. Never changed once written. */
export interface CropRow {
  appid: string;
  face_id: string;
  /** A small JPEG, encrypted with the appid's data key. */
  crop: Uint8Array;
}

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

/** A single-use signature that has been used. */
export interface SpentSignatureRow {
  appid: string;
  /** SHA-256 of the signature's bytes. */
  digest: Uint8Array;
  /** Seconds since 1970. */
  spent_at: number;
}

/** The calls of one appid, day, key, endpoint and code. */
export interface UsageCountRow {
  appid: string;
  /** `2026-11-30`; a month, `2026-11`, of days long past. */
  day: string;
  secret_id: string;
  endpoint: string;
  /** The code that they were answered with. */
  code: number;
  /** The server that counts them, as long as the day may go on; empty where servers do not wait for each other at a row. */
  node: string;
  calls: number;
  pictures: number;
  faces: number;
}

/** The calls of one appid, month and endpoint, as versions before counted them. */
export interface MonthCountRow {
  appid: string;
  /** `2026-11`. */
  month: string;
  endpoint: string;
  ok: number;
  failed: number;
  pictures: number;
  faces: number;
}

/** The statement of a month that was closed. Never changed once written. */
export interface StatementRow {
  appid: string;
  /** `2026-11`. */
  month: string;
  /** JSON. */
  content: string;
}

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

/** A model pack whose embeddings the register keeps. */
export interface PackRow {
  name: string;
  /** Digest of the model; null until a server has started with the pack. */
  model: string | null;
  /** One is in use; one at most is prepared to be; others are kept, so that it is possible to go back to them. */
  state: 'in use' | 'preparing' | 'kept';
  /** 1 if no face is stored any more without an embedding of this pack. */
  required: number;
  /** When the pack came to be in use, in milliseconds since 1970 by the database's clock. */
  since: number;
  /** How far an upgrade to the pack is; null if none is under way. */
  phase: 'asked' | 'converting' | 'complete' | 'paused' | 'failed' | null;
  /** When the phase began to be `asked`, in milliseconds since 1970 by the database's clock, as the next ones. */
  asked_at: number;
  /** When faces began to be converted, and when it was told last how many are. */
  started_at: number;
  told_at: number;
  /** Transactions before this one may not know that the pack is required; null until it is known which. */
  epoch: number | null;
  /** 1 once servers may have read the embeddings: what is added later is told by the change feed. */
  was_complete: number;
  /** 1 if faces that cannot be converted are to be left without an embedding. */
  leaves_failed: number;
  /** The server that converts faces. */
  worker: string;
  /** Until when no other one does. */
  worker_until: number;
  /** Faces with an embedding of the pack. */
  done: number;
  /** The same when the conversion began. */
  done_at_start: number;
  /** All faces. */
  total: number;
  /** Why the upgrade failed; empty if it did not. */
  message: string;
}

/** What a server says of a pack to which an upgrade is under way. */
export interface PackReportRow {
  server: string;
  pack: string;
  /** When it said so, in milliseconds since 1970 by the database's clock. */
  seen_at: number;
  state: 'able' | 'ready' | 'failed';
  message: string;
}

/** A face that could not be converted for a model, and why. */
export interface UnconvertedFaceRow {
  appid: string;
  face_id: string;
  model: string;
  reason: string;
}

/** What a register knows of a copy: one row as the register that is copied, one as the one that is made. */
export interface CopyRow {
  role: 'from' | 'to';
  /** Tells the copy from others. */
  id: string;
  /** The other register, without a password. */
  other: string;
  /** `moved`: it was copied, and is not to be used any more. */
  state: 'copying' | 'moved';
  /** When the copy gave a sign, in milliseconds since 1970. */
  seen_at: number;
}

/** How far the persons of an appid are copied; in the register that is made. */
export interface CopiedAppidRow {
  appid: string;
  /** Changes up to this one are made. */
  position: number;
  /** The person up to whom all were gone through. */
  after: string;
  /** 1 if all were. */
  is_whole: number;
}

/** The tables of the registries and their keys, for Kysely. */
export interface Tables {
  registries: RegistryRow;
  changes: ChangeRow;
  persons: PersonRow;
  groups: GroupRow;
  memberships: MembershipRow;
  faces: FaceRow;
  embeddings: EmbeddingRow;
  crops: CropRow;
  tenants: TenantRow;
  buckets: BucketRow;
  keys: KeyRow;
  data_keys: DataKeyRow;
  master_keys: MasterKeyRow;
  /** The calls that wrote to a registry, counted in the transaction of what they wrote; the others are in {@link CallTables}. */
  usage_of_writes_by_day: UsageCountRow;
  /** The same as versions before counted them. */
  usage_of_writes: MonthCountRow;
  statements: StatementRow;
  audit: AuditRow;
  audit_ids: AuditIdRow;
  audit_persons: AuditPersonRow;
  audit_settings: AuditSettingsRow;
  corrections: CorrectionRow;
  correction_subjects: CorrectionSubjectRow;
  forbidden_pairs: ForbiddenPairRow;
  checks: CheckRow;
  proposals: ProposalRow;
  proposal_subjects: ProposalSubjectRow;
  sightings: SightingRow;
  operators: OperatorRow;
  operator_sessions: OperatorSessionRow;
  operator_links: OperatorLinkRow;
  operator_passkeys: OperatorPasskeyRow;
  packs: PackRow;
  pack_reports: PackReportRow;
  unconverted_faces: UnconvertedFaceRow;
  copies: CopyRow;
  copied_appids: CopiedAppidRow;
}

/** What calls themselves write, apart from the registries: no call waits for what others write there. */
export interface CallTables {
  spent_signatures: SpentSignatureRow;
  key_uses: KeyUseRow;
  usage_by_day: UsageCountRow;
  /** The same as versions before counted them. */
  usage: MonthCountRow;
  /** Calls that changed nothing. */
  audit_of_calls: AuditRow;
}
