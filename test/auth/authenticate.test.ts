import assert from 'node:assert/strict';
import test from 'node:test';
import { authenticate } from '../../src/auth/authenticate.ts';
import type { Key, KeyStore } from '../../src/auth/keys.ts';
import { sign, signText } from '../../src/auth/signature.ts';
import { Refusal } from '../../src/errors/refusals.ts';

const now = 1_790_000_000;
const key: Key = { appid: '1', secretId: 'S1', secretKey: 'K1', createdAt: 0, revokedAt: null };
const keys: readonly Key[] = [
  key,
  { ...key, appid: '2', secretId: 'S2', secretKey: 'K2' },
  { ...key, secretId: 'S3', revokedAt: 5 },
];

/** A key store in memory: a port has as many implementations as are useful. */
function memoryKeys(buckets: readonly string[] = []): KeyStore {
  const spent = new Set<string>();
  return {
    findTenant: async (appid) => (keys.some((one) => one.appid === appid) ? { appid, buckets } : undefined),
    findKey: async (secretId) => keys.find((one) => one.secretId === secretId),
    spendSignature: async (_appid, digest) => {
      const text = Buffer.from(digest).toString('hex');
      return !spent.has(text) && Boolean(spent.add(text));
    },
    addKey: async () => false,
    listKeys: async () => keys,
    revokeKey: async () => false,
  };
}

async function codeOf(
  header: string | undefined,
  store: KeyStore = memoryKeys(),
  keysTimeoutMs = 1000,
): Promise<number> {
  try {
    await authenticate(header, { keys: store, now: () => now * 1000, keysTimeoutMs });
    return 0;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.code;
  }
}

const good = { appid: '1', secretId: 'S1', expires: now + 60, madeAt: now };

test('a good signature names its caller', async () => {
  const gate = { keys: memoryKeys(), now: () => now * 1000, keysTimeoutMs: 1000 };
  assert.deepEqual(await authenticate(sign({ ...good, bucket: 'b' }, 'K1'), gate), { appid: '1', bucket: 'b' });
});

test('each fault has its code', async () => {
  assert.equal(await codeOf(undefined), 4);
  assert.equal(await codeOf('x'), 5);
  assert.equal(await codeOf(sign({ ...good, appid: '9' }, 'K1')), 10);
  assert.equal(await codeOf(sign({ ...good, secretId: 'S9' }, 'K1')), 11);
  assert.equal(await codeOf(sign({ ...good, secretId: 'S3' }, 'K1')), 11, 'revoked');
  assert.equal(await codeOf(sign({ ...good, secretId: 'S2' }, 'K2')), 12);
  assert.equal(await codeOf(sign(good, 'K2')), 14);
  assert.equal(await codeOf(sign({ ...good, expires: now - 1, madeAt: now - 50 }, 'K1')), 9);
});

test('faults are found in the order of the contract: 5, 10, 11, 12, 14, 9, 13', async () => {
  const expired = { appid: '1', secretId: 'S1', expires: now - 1, madeAt: now - 50 };
  assert.equal(await codeOf(sign({ ...expired, appid: '9', secretId: 'S9' }, 'wrong')), 10);
  assert.equal(await codeOf(sign({ ...expired, secretId: 'S9' }, 'wrong')), 11);
  assert.equal(await codeOf(sign({ ...expired, secretId: 'S2' }, 'wrong')), 12);
  assert.equal(await codeOf(sign(expired, 'wrong')), 14);
  assert.equal(await codeOf(sign(expired, 'K1')), 9);
});

test('a single-use signature works once, a multi-use one again and again', async () => {
  const store = memoryKeys();
  const once = sign({ ...good, expires: 0, file: 'f' }, 'K1');
  assert.deepEqual([await codeOf(once, store), await codeOf(once, store)], [0, 13]);
  const often = sign(good, 'K1');
  assert.deepEqual([await codeOf(often, store), await codeOf(often, store)], [0, 0]);
});

test('a single-use signature that is wrong is not spent', async () => {
  const store = memoryKeys();
  const text = `a=1&k=S1&e=0&t=${now}&f=x`;
  assert.equal(await codeOf(signText(text, 'wrong'), store), 14);
  assert.equal(await codeOf(signText(text, 'K1'), store), 0);
});

test('an appid that declares buckets takes signatures for those or for none', async () => {
  const store = memoryKeys(['one', 'two']);
  assert.equal(await codeOf(sign({ ...good, bucket: 'two' }, 'K1'), store), 0);
  assert.equal(await codeOf(sign(good, 'K1'), store), 0);
  assert.equal(await codeOf(sign({ ...good, bucket: 'three' }, 'K1'), store), 16);
  assert.equal(await codeOf(sign({ ...good, bucket: 'three' }, 'K1')), 0, 'no buckets declared');
});

test('a key store that fails is 107, one that does not answer in time is 108', async () => {
  const broken = { ...memoryKeys(), findTenant: async () => Promise.reject(new Error('disk')) };
  assert.equal(await codeOf(sign(good, 'K1'), broken), 107);
  const silent = { ...memoryKeys(), findKey: () => new Promise<never>(() => {}) };
  assert.equal(await codeOf(sign(good, 'K1'), silent, 20), 108);
});
