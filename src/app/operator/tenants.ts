/** The operator's orders about appids. Each is one function, whoever gives the order. */
import type { UsageLedger } from '../../domain/stores.ts';
import type { Stores } from '../../store/open.ts';
import type { TenantChange, TenantRecord } from '../../store/tenant-records.ts';
import { daysOf } from '../calendar.ts';
import { OrderRefused, refuseUnlessCredential, refuseUnlessLine } from './order.ts';
import { type LimitName, readLimits } from './tenant-limits.ts';

/** What the operator sees of an appid. */
export interface TenantReport extends TenantRecord {
  /** Pictures that were analysed in the month. */
  readonly picturesOfMonth: number;
}

/** Where appids are read: an open register, or one that is only looked at. */
export interface TenantSource extends Pick<UsageLedger, 'report'> {
  listTenants(appid?: string): Promise<readonly TenantRecord[]>;
}

/** Reads appids of a register that is open. */
export function tenantSource({ tenants, usage }: Pick<Stores, 'tenants' | 'usage'>): TenantSource {
  return { listTenants: (appid) => tenants.list(appid), report: (query) => usage.report(query) };
}

/** What may be said of an appid, as the operator writes it. */
export interface TenantWords {
  /** A whole number each, or a word, or `default`. */
  readonly limits?: { readonly [K in LimitName]?: string | undefined };
  /** All buckets that it declares. */
  readonly buckets?: readonly string[] | undefined;
  /** Empty for none. */
  readonly note?: string | undefined;
}

/**
 * Every appid in the order of their ids, or the one that is named.
 * @param month `2026-11`.
 */
export async function reportTenants(
  source: TenantSource,
  month: string,
  appid?: string,
): Promise<readonly TenantReport[]> {
  const tenants = await source.listTenants(appid);
  const usage = await source.report({ ...daysOf(month), appid, by: [] });
  const pictures = new Map(usage.map((row) => [row.appid, row.pictures]));
  return tenants.map((tenant) => ({ ...tenant, picturesOfMonth: pictures.get(tenant.appid) ?? 0 }));
}

/** One appid. @throws OrderRefused if there is none. */
export async function reportTenant(source: TenantSource, month: string, appid: string): Promise<TenantReport> {
  const [found] = await reportTenants(source, month, appid);
  if (found === undefined) throw unknownTenant(appid);
  return found;
}

/** What the operator's words change of an appid. @throws OrderRefused that says which of them is not understood. */
export function readTenantWords({ limits = {}, buckets, note }: TenantWords): TenantChange {
  refuseUnlessLine('note', note);
  return {
    limits: readLimits(limits),
    ...(buckets !== undefined && { buckets }),
    ...(note !== undefined && { note }),
  };
}

/** Checks the name of an appid that is to be added. @throws OrderRefused. */
export function refuseUnlessAppid(appid: string): void {
  refuseUnlessCredential('appid', appid);
}

/** Adds an appid, without a key. @throws OrderRefused if it is there. */
export async function addTenant(
  { tenants }: Pick<Stores, 'tenants'>,
  appid: string,
  change: TenantChange,
): Promise<void> {
  if (!(await tenants.add(appid, change))) throw new OrderRefused('exists', `there is an appid ${appid} already`);
}

/** Changes what is set for an appid; servers follow within a second. @throws OrderRefused if there is none. */
export async function setTenant(
  { tenants }: Pick<Stores, 'tenants'>,
  appid: string,
  change: TenantChange,
): Promise<void> {
  if (!(await tenants.set(appid, change))) throw unknownTenant(appid);
}

/** The refusal for an appid that is not there. */
export function unknownTenant(appid: string): OrderRefused {
  return new OrderRefused('unknown', `there is no appid ${appid}`);
}
