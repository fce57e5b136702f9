import assert from 'node:assert/strict';
import test from 'node:test';
import { authenticate, type Caller, ProvenSignatures, refuseUnlessAllowed } from '../../src/auth/authenticate.ts';
import type { Key, KeyStore } from '../../src/auth/keys.ts';
import { sign, signText, validitySecondsMax } from '../../src/auth/signature.ts';
import { refusals } from '../../src/contract/refusals.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { keys as knownKeys, memoryKeys } from './memory-keys.ts';

const now = 1_790_000_000;
const good = { appid: '1', secretId: 'S1', expires: now + 60, madeAt: now };
const once = { ...good, expires: 0, file: 'f' };

/** How a test changes the gate: patient, and at `now`, unless told otherwise. */
interface Changed {
  readonly keys?: KeyStore;
  readonly nowSeconds?: number;
  readonly keysTimeoutMs?: number;
  readonly proven?: ProvenSignatures;
}

async function enter(header: string | undefined, changed: Changed = {}): Promise<Caller> {
  const { keys = memoryKeys(), nowSeconds = now, keysTimeoutMs = 60_000, proven } = changed;
  return authenticate(header, { keys, now: () => nowSeconds * 1000, keysTimeoutMs, ...(proven && { proven }) });
}

async function refusalOf(header: string | undefined, changed: Changed = {}): Promise<Refusal> {
  const error = await enter(header, changed).then(
    () => assert.fail('the caller was let in'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof Refusal, String(error));
  return error;
}

async function codeOf(header: string | undefined, changed: Changed = {}): Promise<number> {
  return refusals[(await refusalOf(header, changed)).refusal].code;
}

test('a good signature names its caller', async () => {
  const { secretKey: _, ...key } = knownKeys[0];
  const caller = { appid: '1', bucket: '', tenant: { appid: '1', buckets: [], limits: {} }, key };
  assert.deepEqual(await enter(sign({ ...good, bucket: 'b' }, 'K1')), { ...caller, bucket: 'b' });
  assert.deepEqual(await enter(sign(good, 'K1')), caller, 'without its SecretKey');
});

test('each fault has its code', async () => {
  assert.equal(await codeOf(undefined), 4);
  assert.equal(await codeOf('x'), 5);
  assert.equal(await codeOf(sign({ ...good, appid: '9' }, 'K1')), 10);
  assert.equal(await codeOf(sign({ ...good, secretId: 'S9' }, 'K1')), 11);
  assert.equal(await codeOf(sign({ ...good, secretId: 'S2' }, 'K2')), 12);
  assert.equal(await codeOf(sign(good, 'K2')), 14);
  assert.equal(await codeOf(sign({ ...good, expires: now - 1, madeAt: now - 50 }, 'K1')), 9);
});

test('a key that was revoked is refused like one that never was', async () => {
  const refusal = await refusalOf(sign({ ...good, secretId: 'S3' }, 'K3'));
  const unknown = await refusalOf(sign({ ...good, secretId: 'S9' }, 'K3'));
  assert.deepEqual([refusal.refusal, refusal.detail], [unknown.refusal, unknown.detail]);
});

test('a clock that ticks within a second has not passed it', async () => {
  const gate = { keys: memoryKeys(), now: () => good.expires * 1000 + 999, keysTimeoutMs: 60_000 };
  assert.equal((await authenticate(sign(good, 'K1'), gate)).appid, '1');
  assert.equal(await codeOf(sign(good, 'K1'), { nowSeconds: good.expires + 1 }), 9);
});

test('a single-use signature works once, a multi-use one again and again', async () => {
  const keys = memoryKeys();
  await enter(sign(once, 'K1'), { keys });
  assert.equal(await codeOf(sign(once, 'K1'), { keys }), 13);
  await enter(sign(good, 'K1'), { keys });
  await enter(sign(good, 'K1'), { keys });
  await enter(sign({ ...once, file: 'g' }, 'K1'), { keys });
});

test('what is kept of a spent signature is its SHA-256, for its appid', async () => {
  const keys = memoryKeys();
  const header = sign(once, 'K1');
  await enter(header, { keys });
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(header, 'base64')));
  assert.deepEqual(keys.spent, [`1 ${digest.toString('hex')}`]);
});

test('a single-use signature is spent only once it is found authentic and in time', async () => {
  const keys = memoryKeys();
  const text = `a=1&k=S1&e=0&t=${now}&f=x`;
  assert.equal(await codeOf(signText(text, 'wrong'), { keys }), 14);
  assert.equal(await codeOf(signText(text, 'K1'), { keys, nowSeconds: now + validitySecondsMax + 1 }), 9);
  assert.equal(await codeOf(sign({ ...once, secretId: 'S3' }, 'K3'), { keys }), 11);
  assert.equal(await codeOf(sign({ ...once, secretId: 'S2' }, 'K2'), { keys }), 12);
  assert.deepEqual(keys.spent, []);
  await enter(signText(text, 'K1'), { keys });
  assert.equal(keys.spent.length, 1);
});

test('a single-use signature ends 90 days after it was made, used or not', async () => {
  const [keys, header] = [memoryKeys(), sign(once, 'K1')];
  await enter(header, { keys, nowSeconds: now + validitySecondsMax });
  assert.equal(await codeOf(header, { keys, nowSeconds: now + validitySecondsMax }), 13);
  assert.equal(await codeOf(header, { keys, nowSeconds: now + validitySecondsMax + 1 }), 9);
});

test('an appid that declares buckets takes signatures for those or for none', async () => {
  const keys = memoryKeys(['one', 'two']);
  await enter(sign({ ...good, bucket: 'two' }, 'K1'), { keys });
  await enter(sign(good, 'K1'), { keys });
  assert.equal(await codeOf(sign({ ...good, bucket: 'three' }, 'K1'), { keys }), 16);
  await enter(sign({ ...good, bucket: 'three' }, 'K1'));
});

test('a signature for a wrong bucket is spent, too: it was authentic', async () => {
  const keys = memoryKeys(['one']);
  const header = sign({ ...once, bucket: 'two' }, 'K1');
  assert.equal(await codeOf(header, { keys }), 16);
  assert.equal(await codeOf(header, { keys }), 13);
});

/** The looks at the key store that a single-use signature needs. */
const looks = ['findTenant', 'findKey', 'spendSignature'] as const;

test('a key store that fails is 107, whatever it was asked, and the cause is kept for the log', async () => {
  for (const look of looks) {
    const disk = new Error('disk');
    const keys = { ...memoryKeys(), [look]: () => Promise.reject(disk) };
    const refusal = await refusalOf(sign(once, 'K1'), { keys });
    assert.deepEqual([refusal.refusal, refusal.detail, refusal.cause], ['keyStoreFailed', '', disk], look);
  }
});

test('a key store that does not answer in time is 108, whatever it was asked', { timeout: 10_000 }, async () => {
  for (const look of looks) {
    const keys = { ...memoryKeys(), [look]: () => new Promise<never>(() => {}) };
    assert.equal(await codeOf(sign(once, 'K1'), { keys, keysTimeoutMs: 10 }), 108, look);
  }
});

test('once the key store has answered, nothing waits for its time to pass', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  await enter(sign(good, 'K1'));
  await codeOf(sign(good, 'wrong'));
  assert.equal(timers(), before);
});

/** A key store that counts how often it is asked for a key, and says that it has changed when a test has it changed. */
function watchedKeys(known: readonly Key[] = knownKeys) {
  const state = { known, version: 1, asked: 0, whileAsked: () => {} };
  const keys: KeyStore = {
    ...memoryKeys(['b']),
    version: () => state.version,
    findKey: async (secretId) => {
      state.asked += 1;
      const found = state.known.find((key) => key.secretId === secretId);
      state.whileAsked();
      return found;
    },
  };
  return { keys, state };
}

test('a signature that was found good is not computed again while no key changes, and is as good as it says', async () => {
  const { keys, state } = watchedKeys();
  const proven = new ProvenSignatures();
  const header = sign({ ...good, bucket: 'b' }, 'K1');
  const caller = await enter(header, { keys });
  for (const _ of [1, 2, 3]) assert.deepEqual(await enter(header, { keys, proven }), caller);
  state.asked -= 1;
  assert.equal(state.asked, 1);
  assert.equal(await codeOf(header, { keys, proven, nowSeconds: now + 61 }), 9);
  await enter(header, { keys });
  await enter(header, { keys });
  assert.equal(state.asked, 4, 'without a place to keep them, each is checked');
});

test('a key is refused from the moment on when it expires, like one that never was, however often it was good', async () => {
  const { keys, state } = watchedKeys();
  state.known = [{ ...knownKeys[0], expiresAt: (now + 30) * 1000 }];
  const proven = new ProvenSignatures();
  const header = sign(good, 'K1');
  for (const nowSeconds of [now, now + 29]) await enter(header, { keys, proven, nowSeconds });
  assert.equal(state.asked, 1, 'until then it is kept');
  const late = await refusalOf(header, { keys, proven, nowSeconds: now + 30 });
  assert.deepEqual([late.refusal, late.detail], ['secretIdUnknown', '']);
  assert.equal(await codeOf(sign(good, 'wrong'), { keys, nowSeconds: now + 30 }), 11);
});

test('a key that is confined may call what it names, and no other endpoint', async () => {
  const enterWith = (endpoints?: readonly string[]) =>
    enter(sign(good, 'K1'), { keys: memoryKeys([], [{ ...knownKeys[0], ...(endpoints && { endpoints }) }]) });
  const reader = await enterWith(['getinfo', 'detect']);
  refuseUnlessAllowed(reader, 'detect');
  assert.throws(() => refuseUnlessAllowed(reader, 'delperson'), {
    refusal: 'endpointNotAllowed',
    detail: 'the key may not call delperson',
  });
  refuseUnlessAllowed(await enterWith(), 'delperson');
});

test('the use of a key is noted when its signature is good, and only then', async () => {
  const keys = memoryKeys();
  await enter(sign(good, 'K1'), { keys });
  await refusalOf(sign(good, 'wrong'), { keys });
  await refusalOf(sign({ ...good, expires: now - 1, madeAt: now - 50 }, 'K1'), { keys });
  assert.deepEqual(keys.used, ['S1']);
});

test('a signature whose key ends is refused from that moment on, however often it was good', async () => {
  const { keys, state } = watchedKeys();
  const proven = new ProvenSignatures();
  const header = sign(good, 'K1');
  for (const _ of [1, 2]) await enter(header, { keys, proven });
  state.version += 1;
  await enter(header, { keys, proven });
  assert.equal(state.asked, 2, 'what else changed is no reason to refuse it');
  await enter(header, { keys, proven });
  assert.equal(state.asked, 2);
  state.version += 1;
  state.known = [{ ...knownKeys[0], revokedAt: 1 }];
  for (const _ of [1, 2]) assert.equal(await codeOf(header, { keys, proven }), 11);
});

test('a key that ends while a signature is checked ends that signature, too', async () => {
  const { keys, state } = watchedKeys();
  const proven = new ProvenSignatures();
  const header = sign(good, 'K1');
  state.whileAsked = () => {
    state.version += 1;
    state.known = [{ ...knownKeys[0], revokedAt: 1 }];
  };
  await enter(header, { keys, proven });
  state.whileAsked = () => {};
  assert.equal(await codeOf(header, { keys, proven }), 11);
});

test('a single-use signature is kept by nobody, and neither is one that is refused', async () => {
  const { keys, state } = watchedKeys();
  const proven = new ProvenSignatures();
  const header = sign(once, 'K1');
  await enter(header, { keys, proven });
  assert.equal(await codeOf(header, { keys, proven }), 13);
  for (const _ of [1, 2]) assert.equal(await codeOf(sign(good, 'K2'), { keys, proven }), 14);
  assert.equal(state.asked, 4);
});

test('no more signatures are kept than their number, whoever makes new ones', async () => {
  const { keys, state } = watchedKeys();
  const proven = new ProvenSignatures();
  const first = sign(good, 'K1');
  await enter(first, { keys, proven });
  for (let i = 1; i <= 1_000; i++) await enter(sign({ ...good, rand: String(i) }, 'K1'), { keys, proven });
  await enter(first, { keys, proven });
  assert.equal(state.asked, 1_002);
});
