/** The tables of a register that a copy has to do with, and how the database refuses and takes writes to them. */
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { callTableKinds, type TableKind, tableKinds } from '../table-kinds.ts';
import type { RowsOf } from './rows.ts';

/** A table that is copied row by row. */
export type CopiedRows = Pick<RowsOf, 'table' | 'key'> & { readonly added: TableKind['added'] };

/** The tables of the registries that are copied row by row. */
export const rowTables = rowsOf(tableKinds);
/** The tables of what calls write that are copied row by row. */
export const callRowTables = rowsOf(callTableKinds);
/** The tables that are written by calls that change something. */
const writtenTables = Object.entries(tableKinds as Readonly<Record<string, TableKind>>).flatMap(
  ([table, { copied }]) => (copied === 'never' && table !== 'data_keys' ? [] : [table]),
);

/**
 * Has the database refuse whatever is written to the registries, whoever writes; what is under way ends first. Calls are still
 * counted.
 */
export async function refuseWrites({ writer }: Pick<Database, 'writer'>): Promise<void> {
  const { refuseWrites: refuse } = dialectOf(writer);
  // One after the other: whoever has written to some of them and waits for another is refused there.
  for (const table of writtenTables) await refuse(writer as unknown as Kysely<never>, table);
}

/** Has the database refuse to count calls, and whatever else they write beside the registries; what is under way ends first. */
export async function refuseCallWrites({ writer, calls }: Pick<Database, 'writer' | 'calls'>): Promise<void> {
  const { refuseWrites: refuse } = dialectOf(writer);
  for (const { table } of callRowTables) await refuse(calls.writer as unknown as Kysely<never>, table);
}

/** Has the database take all writes again. */
export async function takeWrites({ writer, calls }: Pick<Database, 'writer' | 'calls'>): Promise<void> {
  const { takeWrites: take } = dialectOf(writer);
  for (const table of writtenTables) await take(writer as unknown as Kysely<never>, table);
  for (const { table } of callRowTables) await take(calls.writer as unknown as Kysely<never>, table);
}

function rowsOf(kinds: Readonly<Record<string, TableKind>>): readonly CopiedRows[] {
  return Object.entries(kinds).flatMap(([table, { key, copied, added }]) =>
    copied === 'rows' ? [{ table, key, added }] : [],
  );
}
