/** Statements that add to the counts of calls, and the report of them. */
import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely';
import type { CountedCall, UsageRow } from '../domain/stores.ts';
import { compileOnce, prepareWrite } from './prepared.ts';
import type { CallTables, Tables, UsageCountRow } from './tables.ts';

/** Both tables of counts: those of calls that wrote nothing to a registry, and those of calls that did. */
type UsageTable = 'usage' | 'usage_of_writes';

/** A call as a row of its own. */
export function countOf({ appid, month, endpoint, ok, pictures, faces }: CountedCall): UsageCountRow {
  return { appid, month, endpoint, ok: ok ? 1 : 0, failed: ok ? 0 : 1, pictures, faces };
}

/** Compiles the statement that adds to the counts of calls that wrote nothing; the same for each row. */
export const addCalls: (db: Kysely<CallTables>, row: UsageCountRow) => CompiledQuery<unknown> = compileOnce(
  (db: Kysely<CallTables>, row: UsageCountRow) => addTo('usage', db, row),
);

/** Counts a call in the transaction of what it writes. */
export const countWrite: (db: Kysely<Tables>, row: UsageCountRow) => Promise<number> = prepareWrite(
  (db: Kysely<Tables>, row: UsageCountRow) => addTo('usage_of_writes', db, row),
);

function addTo<T>(
  table: UsageTable,
  db: Kysely<T>,
  { appid, month, endpoint, ok, failed, pictures, faces }: UsageCountRow,
): Compilable<unknown> {
  const sum = (column: 'ok' | 'failed' | 'pictures' | 'faces') =>
    sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  return (db as unknown as Kysely<Record<UsageTable, UsageCountRow>>)
    .insertInto(table)
    .values({ appid, month, endpoint, ok, failed, pictures, faces })
    .onConflict((conflict) =>
      conflict
        .columns(['appid', 'month', 'endpoint'])
        .doUpdateSet({ ok: sum('ok'), failed: sum('failed'), pictures: sum('pictures'), faces: sum('faces') }),
    );
}

/** The counts of a month, of one appid or of all; sorted by appid, then endpoint. */
export async function reportUsage(
  calls: Kysely<CallTables>,
  registries: Kysely<Tables>,
  month: string,
  appid?: string,
): Promise<readonly UsageRow[]> {
  const sums = new Map<string, UsageCountRow>();
  const [without, writing] = [
    rowsOf('usage', calls, month, appid),
    rowsOf('usage_of_writes', registries, month, appid),
  ];
  for (const row of [...(await without), ...(await writing)]) {
    const key = JSON.stringify([row.appid, row.endpoint]);
    sums.set(key, sumOf(row, sums.get(key)));
  }
  return [...sums.values()].sort((a, b) => compare(a.appid, b.appid) || compare(a.endpoint, b.endpoint));
}

function sumOf(a: UsageCountRow, b: UsageCountRow | undefined): UsageCountRow {
  if (b === undefined) return a;
  const { appid, month, endpoint } = a;
  const [ok, failed, pictures, faces] = [a.ok + b.ok, a.failed + b.failed, a.pictures + b.pictures, a.faces + b.faces];
  return { appid, month, endpoint, ok, failed, pictures, faces };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function rowsOf<T>(table: UsageTable, db: Kysely<T>, month: string, appid?: string): Promise<UsageCountRow[]> {
  return (db as unknown as Kysely<Record<UsageTable, UsageCountRow>>)
    .selectFrom(table)
    .select(['appid', 'month', 'endpoint', 'ok', 'failed', 'pictures', 'faces'])
    .where('month', '=', month)
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid as string))
    .execute();
}
