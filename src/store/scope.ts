/** What every query of a registry starts from. */
import type { KeyObject } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { ChangesOfTransaction } from './changes-of-transaction.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import type { Tables } from './tables.ts';

/** One appid's rows, as one connection sees them. */
export interface Scope {
  readonly db: Kysely<Tables>;
  readonly appid: string;
  /** How long a list may be before reading it is left to another thread; any length if absent. */
  readonly listMax?: number | undefined;
}

/** What one person is found by. */
export interface PersonKey {
  readonly appid: string;
  readonly personId: string;
}

/** One appid's rows with what opens its data key. */
export type OpeningScope = Scope & { readonly dataKeys: Pick<DataKeys, 'open'> };

/** One appid's rows with what decrypts and encrypts them. */
export interface DecryptingScope extends Scope {
  readonly dataKeys: DataKeys;
}

/** One appid's rows within a transaction that changes them. */
export interface ChangingScope extends DecryptingScope {
  readonly changes: ChangesOfTransaction;
  /** The data key of the appid, which is made if there is none; it holds until the transaction ends. */
  key(): Promise<KeyObject>;
}

/** The row of a person, of which nothing is selected yet. */
export function personRow(db: Kysely<Tables>, { appid, personId }: PersonKey) {
  return db.selectFrom('persons').where('appid', '=', appid).where('person_id', '=', personId);
}

/**
 * The place after the last: one more than the largest of a column among the rows that a query selects, which reads
 * the end of an index. Decided in the statement that writes it, so that order needs no clock.
 */
export function nextOrdinal(column: string): RawBuilder<number> {
  return sql<number>`coalesce(max(${sql.ref(column)}), 0) + 1`;
}
