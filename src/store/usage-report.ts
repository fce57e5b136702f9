/** Reports what was counted: sums over days, keys, endpoints, codes, nodes and tables. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { UsageDimension, UsageQuery, UsageRow } from '../domain/stores.ts';
import type { CallTables, MonthCountRow, Tables, UsageCountRow } from './tables.ts';
import type { UsageTable } from './usage.ts';

/** The tables of versions that counted by month: they are read, and no longer written. */
type MonthTable = 'usage' | 'usage_of_writes';

/** The code of refused calls that were counted by a version that did not keep codes; no answer has it. */
const codeUnknown = -1;

/** Counts of some rows together, before they are told as answered well or not. */
interface Sums {
  readonly day: string;
  readonly month: string;
  readonly appid: string;
  readonly secretId: string;
  readonly endpoint: string;
  readonly code: number;
  ok: number;
  failed: number;
  pictures: number;
  faces: number;
}

/**
 * The counts of a span of days; sorted by appid, then by what was asked for, in that order. Counts without a day, which are those
 * of older versions and of {@link import('./usage-fold.ts') days long past}, are part of it if their whole month is.
 */
export async function reportUsage(
  calls: Kysely<CallTables>,
  registries: Kysely<Tables>,
  query: UsageQuery,
): Promise<readonly UsageRow[]> {
  const parts = await Promise.all([
    sumDays('usage_by_day', calls, query),
    sumDays('usage_of_writes_by_day', registries, query),
    readMonths('usage', calls, query),
    readMonths('usage_of_writes', registries, query),
  ]);
  const { by } = query;
  const rows = new Map<string, Sums>();
  for (const part of parts.flat()) {
    const key = JSON.stringify([part.appid, ...by.map((dimension) => part[dimension])]);
    const row = rows.get(key);
    if (row === undefined) rows.set(key, part);
    else for (const column of ['ok', 'failed', 'pictures', 'faces'] as const) row[column] += part[column];
  }
  return [...rows.values()]
    .sort((a, b) => compareBy(['appid', ...by], a, b))
    .map((row) => ({ ...pick(row, ['appid', ...by]), ...pick(row, ['ok', 'failed', 'pictures', 'faces']) }));
}

function pick<K extends keyof Sums>(row: Sums, columns: readonly K[]): Pick<Sums, K> {
  return Object.fromEntries(columns.map((column) => [column, row[column]])) as Pick<Sums, K>;
}

function compareBy(columns: readonly ('appid' | UsageDimension)[], a: Sums, b: Sums): number {
  for (const column of columns) if (a[column] !== b[column]) return a[column] < b[column] ? -1 : 1;
  return 0;
}

/** What each dimension is in SQL. */
const dimensions: Readonly<Record<UsageDimension, RawBuilder<string | number>>> = {
  day: sql`day`,
  month: sql`substr(day, 1, 7)`,
  secretId: sql`secret_id`,
  endpoint: sql`endpoint`,
  code: sql`code`,
};

/** What a query does not ask for, in the rows of its answer. */
const unasked = { day: '', month: '', secretId: '', endpoint: '', code: 0 };

async function sumDays<T>(table: UsageTable, db: Kysely<T>, query: UsageQuery): Promise<Sums[]> {
  const by = [...new Set(query.by)];
  const rows = await (db as unknown as Kysely<Record<UsageTable, UsageCountRow>>)
    .selectFrom(table)
    .select('appid')
    .select(by.map((dimension) => dimensions[dimension].as(dimension)))
    .select([
      total(sql`case when code = 0 then calls else 0 end`).as('ok'),
      total(sql`case when code = 0 then 0 else calls end`).as('failed'),
      total(sql`pictures`).as('pictures'),
      total(sql`faces`).as('faces'),
    ])
    .where(isWithin('day', query))
    .$if(query.appid !== undefined, (rows) => rows.where('appid', '=', query.appid as string))
    .groupBy(['appid', ...by.map((dimension) => dimensions[dimension])])
    .execute();
  return rows.map((row) => ({ ...unasked, ...row }) as Sums);
}

/** PostgreSQL would make sums of whole numbers decimals. */
function total(value: ReturnType<typeof sql>) {
  return sql<number>`cast(sum(${value}) as bigint)`;
}

async function readMonths<T>(table: MonthTable, db: Kysely<T>, query: UsageQuery): Promise<Sums[]> {
  const rows = await (db as unknown as Kysely<Record<MonthTable, MonthCountRow>>)
    .selectFrom(table)
    .select(['appid', 'month', 'endpoint', 'ok', 'failed', 'pictures', 'faces'])
    .where(isWithin('month', query))
    .$if(query.appid !== undefined, (rows) => rows.where('appid', '=', query.appid as string))
    .execute();
  return rows.flatMap((row) => {
    const part = { ...row, day: row.month, secretId: '', code: 0 };
    if (row.failed === 0 || row.ok === 0) return [{ ...part, code: row.ok === 0 ? codeUnknown : 0 }];
    // Which of them had the pictures is not known.
    return [
      { ...part, failed: 0 },
      { ...part, code: codeUnknown, ok: 0, pictures: 0, faces: 0 },
    ];
  });
}

/**
 * Whether a row is of a span of days. Its day may be a month, `2026-11`, which is ordered before the days of the month: the span
 * begins with it if it begins with the first day, and leaves it out if it ends before the last.
 */
function isWithin(column: 'day' | 'month', { from, to }: UsageQuery) {
  const first = from.endsWith('-01') ? from.slice(0, 7) : from;
  const within = sql<boolean>`${sql.ref(column)} >= ${first} and ${sql.ref(column)} <= ${to}`;
  return to === lastDayOf(to) ? within : sql<boolean>`${within} and ${sql.ref(column)} <> ${to.slice(0, 7)}`;
}

/** The last day of the month of a day, or of a month. */
export function lastDayOf(day: string): string {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return `${day.slice(0, 7)}-${days}`;
}
