/**
 * What becomes of each table where a register is spread over several machines, and where it is copied. A table that is not here does
 * not compile.
 */
import type { CallTables, Tables } from './tables.ts';
import { usageKey } from './usage.ts';

/** What becomes of one table. */
export interface TableKind {
  /**
   * How it is spread over the machines of a Citus cluster: `appid` divides its rows by appid, so that all of an appid is on one
   * machine; `everywhere` keeps the whole table on each, and writing to it needs all of them; `coordinator` leaves it where it is.
   */
  readonly spread: 'appid' | 'everywhere' | 'coordinator';
  /** The columns of its primary key, in order. */
  readonly key: readonly string[];
  /**
   * How it is copied: with the persons of an appid; row by row, as rows that may change or go; or not, since the copy has its own.
   */
  readonly copied: 'with persons' | 'rows' | 'never';
  /** Of a table whose rows are added and never changed: the column with the time at which they are, and its unit in milliseconds. */
  readonly added?: { readonly column: string; readonly unitMs: number };
}

const withPersons = { spread: 'appid', copied: 'with persons' } as const;

/** The tables of the registries and their keys. Foreign keys lead from a table to one above it. */
export const tableKinds = {
  registries: { spread: 'appid', key: ['appid'], copied: 'never' },
  changes: { spread: 'appid', key: ['appid', 'sequence'], copied: 'never' },
  persons: { ...withPersons, key: ['appid', 'person_id'] },
  groups: { ...withPersons, key: ['appid', 'group_id'] },
  memberships: { ...withPersons, key: ['appid', 'group_id', 'person_id'] },
  faces: { ...withPersons, key: ['appid', 'face_id'] },
  embeddings: { ...withPersons, key: ['appid', 'face_id', 'model'] },
  crops: { ...withPersons, key: ['appid', 'face_id'] },
  usage_of_writes_by_day: { spread: 'appid', key: usageKey, copied: 'rows' },
  usage_of_writes: { spread: 'appid', key: ['appid', 'month', 'endpoint'], copied: 'rows' },
  statements: { spread: 'appid', key: ['appid', 'month'], copied: 'rows' },
  audit: { spread: 'appid', key: ['appid', 'chain', 'sequence'], copied: 'rows', added: { column: 'at', unitMs: 1 } },
  audit_persons: {
    spread: 'appid',
    key: ['appid', 'digest', 'sequence'],
    copied: 'rows',
    added: { column: 'at', unitMs: 1 },
  },
  audit_ids: { spread: 'appid', key: ['appid', 'digest'], copied: 'rows' },
  corrections: { spread: 'appid', key: ['appid', 'id'], copied: 'rows' },
  correction_subjects: { spread: 'appid', key: ['appid', 'digest', 'id'], copied: 'rows' },
  forbidden_pairs: { spread: 'appid', key: ['appid', 'one', 'other'], copied: 'rows' },
  checks: { spread: 'appid', key: ['appid'], copied: 'never' },
  proposals: { spread: 'appid', key: ['appid', 'id'], copied: 'rows' },
  proposal_subjects: { spread: 'appid', key: ['appid', 'digest', 'id'], copied: 'rows' },
  sightings: { spread: 'appid', key: ['appid', 'face_id'], copied: 'rows' },
  audit_settings: { spread: 'everywhere', key: ['server'], copied: 'rows' },
  data_keys: { spread: 'appid', key: ['appid'], copied: 'never' },
  tenants: { spread: 'everywhere', key: ['appid'], copied: 'rows' },
  buckets: { spread: 'everywhere', key: ['appid', 'bucket'], copied: 'rows' },
  keys: { spread: 'everywhere', key: ['appid', 'secret_id'], copied: 'rows' },
  operators: { spread: 'coordinator', key: ['name'], copied: 'rows' },
  operator_sessions: { spread: 'coordinator', key: ['digest'], copied: 'never' },
  operator_passkeys: { spread: 'coordinator', key: ['id'], copied: 'rows' },
  operator_links: { spread: 'coordinator', key: ['digest'], copied: 'never' },
  packs: { spread: 'everywhere', key: ['name'], copied: 'never' },
  pack_reports: { spread: 'coordinator', key: ['server', 'pack'], copied: 'never' },
  unconverted_faces: { spread: 'appid', key: ['appid', 'face_id', 'model'], copied: 'never' },
  copies: { spread: 'everywhere', key: ['role'], copied: 'never' },
  copied_appids: { spread: 'appid', key: ['appid'], copied: 'never' },
  master_keys: { spread: 'everywhere', key: ['id'], copied: 'never' },
} as const satisfies Readonly<Record<keyof Tables, TableKind>>;

/** The tables of what calls write. */
export const callTableKinds = {
  spent_signatures: {
    spread: 'appid',
    key: ['appid', 'digest'],
    copied: 'rows',
    added: { column: 'spent_at', unitMs: 1_000 },
  },
  key_uses: { spread: 'coordinator', key: ['secret_id'], copied: 'rows' },
  usage_by_day: { spread: 'appid', key: usageKey, copied: 'rows' },
  usage: { spread: 'appid', key: ['appid', 'month', 'endpoint'], copied: 'rows' },
  audit_of_calls: {
    spread: 'appid',
    key: ['appid', 'chain', 'sequence'],
    copied: 'rows',
    added: { column: 'at', unitMs: 1 },
  },
} as const satisfies Readonly<Record<keyof CallTables, TableKind>>;
