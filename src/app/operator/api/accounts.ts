/** The operator's API: appids and their keys. */
import { endpoints } from '../../../contract/endpoints.ts';
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { CallerLimits } from '../../../http/limits.ts';
import type { Stores } from '../../../store/open.ts';
import { type LimitSettings, limitsOf } from '../../caller-limits.ts';
import { endpointSets } from '../endpoint-sets.ts';
import {
  addKey,
  type KeySource,
  prepareKey,
  readKeyWords,
  reportKey,
  reportKeys,
  revokeKey,
  setKey,
  unknownKey,
} from '../keys.ts';
import { OrderRefused } from '../order.ts';
import { type LimitRow, limitNames, limitTable } from '../tenant-limits.ts';
import {
  addTenant,
  readTenantWords,
  refuseUnlessAppid,
  reportTenant,
  reportTenants,
  setTenant,
  type TenantWords,
  tenantSource,
  unknownTenant,
} from '../tenants.ts';

type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `tenants.${string}` | `keys.${string}`>>;

/**
 * @param month the month of now, `2026-11`.
 * @param limits the settings of now.
 */
export function accountHandlers(
  stores: Stores,
  month: () => string,
  now: () => number,
  limits: () => LimitSettings,
): Handlers {
  const source = tenantSource(stores);
  const keySource: KeySource = { listKeys: () => stores.keys.listKeys(), keyUses: () => stores.keyUses() };
  /** The SecretId alone would lead to the keys of other appids. */
  const refuseUnlessOwn = async (appid: string, secretId: string): Promise<void> => {
    if ((await reportKey(keySource, secretId)).appid !== appid) throw unknownKey(secretId);
  };
  return {
    'tenants.list': async (_input, { operator }) => ({
      tenants: [...(await reportTenants(source, month(), operator!.appid ?? undefined))].map(copied),
    }),
    'tenants.show': async ({ appid }) => {
      const tenant = await reportTenant(source, month(), appid);
      return { tenant: copied(tenant), quotas: quotasOf(limitsOf(limits(), appid, tenant.limits)) };
    },
    'tenants.limits': async () => ({ limits: limitNames.map(tellLimit) }),
    'tenants.add': async ({ new: appid, ...words }) => {
      refuseUnlessAppid(appid);
      await addTenant(stores, appid, readTenantWords(asWords(words)));
      return {};
    },
    'tenants.set': async ({ of: appid, ...words }) => {
      await setTenant(stores, appid, readTenantWords(asWords(words)));
      return {};
    },
    'tenants.remove': async ({ of: appid }) => {
      if (!(await stores.removeTenant(appid))) throw unknownTenant(appid);
      return {};
    },
    'keys.list': async ({ appid }) => ({
      keys: (await reportKeys(keySource, appid)).map(({ endpoints: some, ...key }) => ({
        ...key,
        ...(some !== undefined && { endpoints: [...some] }),
      })),
    }),
    'keys.add': async ({ appid, ...words }) => {
      const key = prepareKey({ appid, ...words }, now());
      await addKey(stores, key, []);
      return { secretId: key.secretId, secretKey: key.secretKey };
    },
    'keys.set': async ({ appid, secretId, ...words }) => {
      await refuseUnlessOwn(appid, secretId);
      await setKey(stores, secretId, readKeyWords(words));
      return {};
    },
    'keys.revoke': async ({ appid, secretId }) => {
      await refuseUnlessOwn(appid, secretId);
      await revokeKey(stores, secretId, now());
      return {};
    },
    'keys.endpointSets': async () => ({
      endpoints: Object.keys(endpoints),
      sets: Object.fromEntries(Object.entries(endpointSets).map(([name, set]) => [name, [...set]])),
    }),
  };
}

function quotasOf({ groupsMax, personsMax, facesMax, bytesMax, picturesPerMonthMax }: CallerLimits) {
  return {
    groups: groupsMax,
    ...(personsMax !== undefined && { persons: personsMax }),
    ...(facesMax !== undefined && { faces: facesMax }),
    ...(bytesMax !== undefined && { bytes: bytesMax }),
    ...(picturesPerMonthMax !== undefined && { picturesPerMonth: picturesPerMonthMax }),
  };
}

function tellLimit(name: (typeof limitNames)[number]) {
  const row: LimitRow = limitTable[name];
  return 'choices' in row ? { ...row, name, choices: [...row.choices] } : { ...row, name };
}

function copied<T extends { readonly buckets: readonly string[]; readonly limits: object }>(tenant: T) {
  return { ...tenant, buckets: [...tenant.buckets], limits: { ...tenant.limits } as Record<string, number | string> };
}

/** @throws OrderRefused for a limit that there is not. */
function asWords({
  limits = {},
  ...words
}: {
  readonly limits?: Readonly<Record<string, string>> | undefined;
  readonly buckets?: readonly string[] | undefined;
  readonly note?: string | undefined;
}): TenantWords {
  const wrong = Object.keys(limits).find((name) => !Object.hasOwn(limitTable, name));
  if (wrong !== undefined) throw new OrderRefused('invalid', `there is no limit ${wrong}`);
  return { limits, ...words };
}
