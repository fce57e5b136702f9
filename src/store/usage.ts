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

/** What a server counted for a row of its own in one transaction. */
export type BatchRow = UsageCountRow & {
  /** The number of the transaction: a later one of the server has a greater one. */
  readonly batch: number;
};

/**
 * Compiles the statement that adds what a server counted in one transaction, once: run again, it adds nothing, and neither does it
 * if it reaches the database after it was run again, as from a connection that was taken for lost.
 */
export const addBatch: (db: Kysely<CallTables>, row: BatchRow) => CompiledQuery<unknown> = compileOnce(
  (db: Kysely<CallTables>, row: BatchRow) =>
    db
      .insertInto('usage_by_day')
      .values({ ...columnsOf(row), batch: row.batch })
      .onConflict((conflict) =>
        conflict
          .columns([...usageKey])
          .doUpdateSet({ ...sumsOf('usage_by_day'), batch: sql<number>`excluded.batch` })
          .where(sql<boolean>`usage_by_day.batch < excluded.batch`),
      ),
);

/** Adds to the counts of a row, or begins it. */
export function addTo<T>(table: UsageTable, db: Kysely<T>, row: UsageCountRow): Compilable<unknown> {
  return usageOf(table, db)
    .insertInto(table)
    .values(columnsOf(row))
    .onConflict((conflict) => conflict.columns([...usageKey]).doUpdateSet(sumsOf(table)));
}

/** By name, since a row may have others, and may be one of placeholders. */
function columnsOf({
  appid,
  day,
  secret_id,
  endpoint,
  code,
  node,
  calls,
  pictures,
  faces,
}: UsageCountRow): UsageCountRow {
  return { appid, day, secret_id, endpoint, code, node, calls, pictures, faces };
}

/** The counts of a row that is there and those that are added. */
function sumsOf(table: UsageTable) {
  const sum = (column: (typeof usageSums)[number]) =>
    sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  return { calls: sum('calls'), pictures: sum('pictures'), faces: sum('faces') };
}

/** The database of a table of counts, for queries that are the same for both tables. */
export function usageOf<T>(_table: UsageTable, db: Kysely<T>): Kysely<Record<UsageTable, UsageCountRow>> {
  return db as unknown as Kysely<Record<UsageTable, UsageCountRow>>;
}
