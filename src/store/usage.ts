/** Statements that add to the counts of calls. */
import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely';
import type { CountedCall } from '../domain/stores.ts';
import { compileOnce, prepareWrite } from './prepared.ts';
import type { CallTables, Tables, UsageCountRow } from './tables.ts';

/** Both tables of counts: those of calls that wrote nothing to a registry, and those of calls that did. */
export type UsageTable = 'usage_by_day' | 'usage_of_writes_by_day';

/** What tells the counts of a table apart: its primary key, in order. */
export const usageKey = ['appid', 'day', 'secret_id', 'endpoint', 'code', 'node'] as const;
/** What is counted. */
export const usageSums = ['calls', 'pictures', 'faces'] as const;

/**
 * A call as a row of its own.
 * @param node the server that counts it, where several would wait for each other at one row.
 */
export function countOf(call: CountedCall, node = ''): UsageCountRow {
  const { appid, day, secretId, endpoint, code, pictures, faces } = call;
  return { appid, day, secret_id: secretId, endpoint, code, node, calls: 1, pictures, faces };
}

/** Compiles the statement that adds to the counts of calls that wrote nothing; the same for each row. */
export const addCalls: (db: Kysely<CallTables>, row: UsageCountRow) => CompiledQuery<unknown> = compileOnce(
  (db: Kysely<CallTables>, row: UsageCountRow) => addTo('usage_by_day', db, row),
);

/** Counts a call in the transaction of what it writes. */
export const countWrite: (db: Kysely<Tables>, row: UsageCountRow) => Promise<number> = prepareWrite(
  (db: Kysely<Tables>, row: UsageCountRow) => addTo('usage_of_writes_by_day', db, row),
);

/** Adds to the counts of a row, or begins it. */
export function addTo<T>(table: UsageTable, db: Kysely<T>, row: UsageCountRow): Compilable<unknown> {
  const { appid, day, secret_id, endpoint, code, node, calls, pictures, faces } = row;
  const sum = (column: (typeof usageSums)[number]) =>
    sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  return usageOf(table, db)
    .insertInto(table)
    .values({ appid, day, secret_id, endpoint, code, node, calls, pictures, faces })
    .onConflict((conflict) =>
      conflict
        .columns([...usageKey])
        .doUpdateSet({ calls: sum('calls'), pictures: sum('pictures'), faces: sum('faces') }),
    );
}

/** The database of a table of counts, for queries that are the same for both tables. */
export function usageOf<T>(_table: UsageTable, db: Kysely<T>): Kysely<Record<UsageTable, UsageCountRow>> {
  return db as unknown as Kysely<Record<UsageTable, UsageCountRow>>;
}
