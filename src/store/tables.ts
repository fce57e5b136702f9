/** The shape of every table: text, integers and bytes only, where SQLite and PostgreSQL agree. */
import type { AuditIdRow, AuditPersonRow, AuditRow, AuditSettingsRow } from './rows/audit.ts';
import type { OperatorLinkRow, OperatorPasskeyRow, OperatorRow, OperatorSessionRow } from './rows/operators.ts';
import type {
  ChangeRow,
  CropRow,
  EmbeddingRow,
  FaceRow,
  GroupRow,
  MembershipRow,
  PersonRow,
  RegistryRow,
} from './rows/registry.ts';
import type {
  CheckRow,
  CorrectionRow,
  CorrectionSubjectRow,
  ForbiddenPairRow,
  ProposalRow,
  ProposalSubjectRow,
  SightingRow,
} from './rows/review.ts';
import type {
  BucketRow,
  DataKeyRow,
  KeyRow,
  KeyUseRow,
  MasterKeyRow,
  SpentSignatureRow,
  TenantRow,
} from './rows/tenants.ts';
import type { CopiedAppidRow, CopyRow, PackReportRow, PackRow, UnconvertedFaceRow } from './rows/upkeep.ts';
import type { MonthCountRow, PlainCountRow, StatementRow, UsageCountRow } from './rows/usage.ts';

export type * from './rows/audit.ts';
export type * from './rows/operators.ts';
export type * from './rows/registry.ts';
export type * from './rows/review.ts';
export type * from './rows/tenants.ts';
export type * from './rows/upkeep.ts';
export type * from './rows/usage.ts';

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
  usage_by_day: PlainCountRow;
  /** The same as versions before counted them. */
  usage: MonthCountRow;
  /** Calls that changed nothing. */
  audit_of_calls: AuditRow;
}
