/** Reads and changes what is set for appids: their limits, their buckets and a note. */
import type { Kysely } from 'kysely';
import type { Tenant, TenantLimits } from '../auth/keys.ts';
import type { Growth } from '../domain/stores.ts';
import { recount } from './growth.ts';
import { prepare } from './prepared.ts';
import type { Tables, TenantRow } from './tables.ts';

/** An appid as the operator sees it. */
export interface TenantRecord extends Tenant {
  /** Empty if there is none. */
  readonly note: string;
  readonly kept: Growth & { readonly groups: number };
}

/** What may be changed of an appid; what is absent is left as it is. */
export interface TenantChange {
  /** Null takes a limit of its own away. */
  readonly limits?: { readonly [K in keyof TenantLimits]?: TenantLimits[K] | null };
  /** All of its buckets; none if it declares none. */
  readonly buckets?: readonly string[];
  readonly note?: string;
}

/** The column of each limit. */
const columnOf = {
  callsPerSecond: 'calls_per_second',
  callsInFlight: 'calls_in_flight',
  picturesInFlight: 'pictures_in_flight',
  picturesPerMonth: 'pictures_per_month',
  groups: 'groups',
  persons: 'persons',
  faces: 'faces',
  bytes: 'bytes',
  enrolQuality: 'enrol_quality',
  resembling: 'resembling',
  resemblingScore: 'resembling_score',
  retentionDays: 'retention_days',
  retention: 'retention',
} as const satisfies Record<keyof TenantLimits, keyof TenantRow>;

const limitColumns = Object.entries(columnOf) as [keyof TenantLimits, (typeof columnOf)[keyof TenantLimits]][];
const columns = limitColumns.map(([, column]) => `tenants.${column}` as const);

/** A row for each bucket, or one without any; none if there is no such appid. */
const tenantQuery = prepare((db: Kysely<Tables>, { appid }: { appid: string }) =>
  db
    .selectFrom('tenants')
    .leftJoin('buckets', 'buckets.appid', 'tenants.appid')
    .select(['buckets.bucket', ...columns])
    .where('tenants.appid', '=', appid)
    .orderBy('buckets.bucket'),
);

/** Reads an appid as calls need it. */
export async function findTenant(db: Kysely<Tables>, appid: string): Promise<Tenant | undefined> {
  const rows = await tenantQuery(db, { appid });
  const [first] = rows;
  return first && { appid, buckets: rows.flatMap(({ bucket }) => bucket ?? []), limits: limitsOf(first) };
}

/** Every appid that was added, or the one that is named, in the order of their ids. */
export async function listTenants(db: Kysely<Tables>, appid?: string): Promise<readonly TenantRecord[]> {
  const only = appid !== undefined;
  const tenants = await db
    .selectFrom('tenants')
    .select(['appid', 'note', ...columns])
    .$if(only, (query) => query.where('appid', '=', appid as string))
    .orderBy('appid')
    .execute();
  const buckets = await db
    .selectFrom('buckets')
    .select(['appid', 'bucket'])
    .$if(only, (query) => query.where('appid', '=', appid as string))
    .orderBy('bucket')
    .execute();
  const bucketsOf = Map.groupBy(buckets, (row) => row.appid);
  const kept = await listKept(db, appid);
  return tenants.map((row) => ({
    appid: row.appid,
    note: row.note,
    buckets: (bucketsOf.get(row.appid) ?? []).map(({ bucket }) => bucket),
    limits: limitsOf(row),
    kept: kept.get(row.appid) ?? { groups: 0, persons: 0, faces: 0, bytes: 0 },
  }));
}

/** What each appid keeps; nothing of one that never kept anything. Apart from the rest, which may be on another machine. */
async function listKept(db: Kysely<Tables>, appid?: string): Promise<ReadonlyMap<string, TenantRecord['kept']>> {
  const rows = await db
    .selectFrom('registries')
    .select(['appid', 'groups', 'persons', 'faces', 'bytes'])
    .$if(appid !== undefined, (query) => query.where('appid', '=', appid as string))
    .execute();
  return new Map(rows.map(({ appid, ...kept }) => [appid, kept]));
}

/** Adds an appid, without a key; false, and nothing is written, if it is there. */
export async function addTenant(db: Kysely<Tables>, appid: string, change: TenantChange): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('tenants')
    .values({ appid })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n && setTenant(db, appid, change);
}

/** Changes what is set for an appid; false if there is none. */
export async function setTenant(
  db: Kysely<Tables>,
  appid: string,
  { limits = {}, buckets, note }: TenantChange,
): Promise<boolean> {
  const set = limitColumns.flatMap(([limit, column]) => (limits[limit] === undefined ? [] : [[column, limits[limit]]]));
  const { numUpdatedRows } = await db
    .updateTable('tenants')
    // Whatever is changed, the row is written, so that none that is removed meanwhile gets buckets.
    .set({ appid, ...Object.fromEntries(set), ...(note !== undefined && { note }) })
    .where('appid', '=', appid)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) return false;
  // Whatever was counted before, a limit begins with what is there.
  if ([limits.persons, limits.faces, limits.bytes].some((limit) => limit != null)) await recount(db, appid);
  if (buckets !== undefined) {
    await db.deleteFrom('buckets').where('appid', '=', appid).execute();
    await declareBuckets(db, appid, buckets);
  }
  return true;
}

/** Adds buckets to those that an appid declares. */
export async function declareBuckets(db: Kysely<Tables>, appid: string, buckets: readonly string[]): Promise<void> {
  for (const bucket of buckets) {
    await db
      .insertInto('buckets')
      .values({ appid, bucket })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function limitsOf(row: Pick<TenantRow, (typeof columnOf)[keyof TenantLimits]>): TenantLimits {
  const set = limitColumns.flatMap(([limit, column]) => (row[column] === null ? [] : [[limit, row[column]]]));
  return Object.fromEntries(set) as TenantLimits;
}
