/** The operator's changes of what is set for appids, with their lines of the audit. */
import type { Kysely } from 'kysely';
import { orStorageFailed } from './access.ts';
import type { AuditTrail } from './audit/trail.ts';
import { dialectOf } from './dialects/dialect.ts';
import type { Keyring } from './keyring.ts';
import type { Tables } from './tables.ts';
import { addTenant, listTenants, setTenant, type TenantChange, type TenantRecord } from './tenant-records.ts';

/** The appids, for the operator. */
export interface Tenants {
  /** Every appid that was added, or the one that is named, in the order of their ids. */
  list(appid?: string): Promise<readonly TenantRecord[]>;
  /** Adds an appid, without a key; false, and nothing is written, if it is there. */
  add(appid: string, change: TenantChange): Promise<boolean>;
  /** Changes what is set for an appid, at once and on every server; false if there is none. */
  set(appid: string, change: TenantChange): Promise<boolean>;
}

/** @param keys what they keep of appids ends with each change. */
export function openTenants(reader: Kysely<Tables>, keys: Keyring, audit: AuditTrail): Tenants {
  const change = (
    appid: string,
    action: string,
    { limits, buckets, note }: TenantChange,
    work: (db: Kysely<Tables>) => Promise<boolean>,
  ): Promise<boolean> =>
    keys.change(async (db) => {
      await dialectOf(db).lockRegistry?.(db, appid);
      if (!(await work(db))) return false;
      // What the operator notes of somebody is not for the audit.
      const detail = { ...limits, ...(buckets && { buckets }), ...(note !== undefined && { note: 'changed' }) };
      await audit.note(db, appid, { action, detail });
      return true;
    });
  return {
    list: (appid) => orStorageFailed(listTenants(reader, appid)),
    add: (appid, given) => change(appid, 'tenants add', given, (db) => addTenant(db, appid, given)),
    set: (appid, given) => change(appid, 'tenants set', given, (db) => setTenant(db, appid, given)),
  };
}
