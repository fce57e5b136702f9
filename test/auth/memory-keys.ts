/** A key store in memory: a port has as many implementations as are useful. */
import type { Key, KeyStore, TenantLimits } from '../../src/auth/keys.ts';

/** What the tests read and change beside the port. */
export interface MemoryKeys extends KeyStore {
  /** The digests that were spent, in hexadecimal, in order. */
  readonly spent: readonly string[];
  /** The SecretIds that were used, in order. */
  readonly used: readonly string[];
}

/** The keys of two appids, and a revoked one: their SecretKeys are K1, K2 and K3. */
export const keys: readonly [Key, Key, Key] = [
  { appid: '1', secretId: 'S1', secretKey: 'K1', createdAt: 0, revokedAt: null },
  { appid: '2', secretId: 'S2', secretKey: 'K2', createdAt: 0, revokedAt: null },
  { appid: '1', secretId: 'S3', secretKey: 'K3', createdAt: 0, revokedAt: 5 },
];

/**
 * Makes a key store.
 * @param buckets what every appid declares.
 * @param limits what is set for every appid.
 */
export function memoryKeys(
  buckets: readonly string[] = [],
  known: readonly Key[] = keys,
  limits: TenantLimits = {},
): MemoryKeys {
  const spent: string[] = [];
  const used: string[] = [];
  return {
    spent,
    used,
    findTenant: async (appid) => (known.some((one) => one.appid === appid) ? { appid, buckets, limits } : undefined),
    findKey: async (secretId) => known.find((one) => one.secretId === secretId),
    spendSignature: async (appid, digest) => {
      const text = `${appid} ${Buffer.from(digest).toString('hex')}`;
      if (spent.includes(text)) return false;
      spent.push(text);
      return true;
    },
    addKey: async () => false,
    listKeys: async () => known,
    setKey: async () => false,
    noteUse: ({ secretId }) => void used.push(secretId),
    revokeKey: async () => false,
  };
}
