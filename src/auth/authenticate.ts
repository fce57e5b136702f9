/** Authenticates a caller: the checks of a signature, in the order of docs/contract.md §2. */
import { createHash } from 'node:crypto';
import { Refusal } from '../errors/refusals.ts';
import type { KeyRecord, KeyStore, Tenant } from './keys.ts';
import { isAuthentic, isExpired, parseSignature, type Signature } from './signature.ts';

/** An authenticated caller. */
export interface Caller {
  readonly appid: string;
  /** The bucket that was signed, empty if none. */
  readonly bucket: string;
  /** The appid, with its limits. */
  readonly tenant: Tenant;
  /** The key that was signed with. */
  readonly key: KeyRecord;
}

/** The key store and the clock of authentication. */
export interface Authentication {
  readonly keys: KeyStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long the key store may take to answer, in milliseconds. */
  readonly keysTimeoutMs: number;
  /** Where signatures are kept that were found good; each is checked anew if absent. */
  readonly proven?: ProvenSignatures;
}

/** Signatures that are kept at most, each of some hundreds of bytes. */
const provenMax = 1_000;

/** A signature that was found good. */
interface Proven {
  readonly signature: Signature;
  readonly caller: Caller;
  /** The key store's version since before its key was asked for. */
  readonly version: number;
}

/**
 * Multi-use signatures that were found good, by the header that they came in: clients send one of them again and again. One of
 * them is as good as it was for as long as the key store's version stays, but for its own end.
 */
export class ProvenSignatures {
  readonly #proven = new Map<string, Proven>();

  find(header: string): Proven | undefined {
    return this.#proven.get(header);
  }

  keep(header: string, proven: Proven): void {
    if (this.#proven.size >= provenMax) this.#proven.clear();
    const { mac, signed } = proven.signature;
    this.#proven.set(header, {
      ...proven,
      signature: { ...proven.signature, mac: ownMemory(mac), signed: ownMemory(signed) },
    });
  }
}

/** A copy in memory of its own: a slice of Node's pool would keep all 64 KB of it. */
function ownMemory(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * Authenticates a caller; at once, where the signature is known and nothing has to be waited for to say that it still holds.
 * @param header the Authorization header, as received.
 * @throws Refusal, at once or by the promise, in the contract's order: 4, 5, 10, 11, 12, 14, 9, 13, then 16; 107 and 108
 *   when the key store fails or does not answer in time. What the key may call is {@link refuseUnlessAllowed}'s to say.
 */
export function authenticate(header: string | undefined, gate: Authentication): Caller | Promise<Caller> {
  const now = gate.now();
  const text = header ?? '';
  const known = gate.proven?.find(text);
  const signature = known?.signature ?? parseSignature(text, secondsOf(now));
  const noted = (caller: Caller): Caller => {
    gate.keys.noteUse(caller.key, now);
    return caller;
  };
  // Asked for first: a change while the signature is checked makes it another one.
  const version = versionNow(gate);
  if (known !== undefined && holds(known, version, now)) return noted(known.caller);
  return inTime(proveOnce({ text, signature, known, version }, now, gate), gate.keysTimeoutMs).then(noted);
}

/**
 * Refuses what a key may not call. It comes after the signature was proven: who cannot sign is told nothing of a key.
 * @throws Refusal `endpointNotAllowed`.
 */
export function refuseUnlessAllowed({ key }: Caller, endpoint: string): void {
  if (key.endpoints === undefined || key.endpoints.includes(endpoint)) return;
  throw new Refusal('endpointNotAllowed', `the key may not call ${endpoint}`);
}

function versionNow({ keys, proven }: Authentication): number | Promise<number> | undefined {
  try {
    return proven && keys.version?.();
  } catch (error) {
    throw keyStoreFailure(error);
  }
}

function holds(known: Proven, versionNow: number | Promise<number> | undefined, now: number): boolean {
  return known.version === versionNow && isStillGood(known, now);
}

/** A signature that is to be proven, and what is known of it. */
interface Claimed {
  /** The header that it came in. */
  readonly text: string;
  readonly signature: Signature;
  /** The signature as it was found good; undefined if it was not yet. */
  readonly known: Proven | undefined;
  /** The key store's version when the call came; undefined if it has none. */
  readonly version: number | Promise<number> | undefined;
}

async function proveOnce(claimed: Claimed, now: number, { keys, proven }: Authentication): Promise<Caller> {
  const { text, signature, known } = claimed;
  const version = await claimed.version;
  if (known !== undefined && holds(known, version, now)) return known.caller;
  const caller = await prove(signature, now, keys);
  if (version !== undefined && signature.expires !== 0) proven?.keep(text, { signature, caller, version });
  return caller;
}

function isStillGood({ signature, caller }: Proven, now: number): boolean {
  return !isExpired(signature, secondsOf(now)) && !hasExpired(caller.key, now);
}

function hasExpired({ expiresAt }: KeyRecord, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt;
}

function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

async function prove(signature: Signature, now: number, keys: KeyStore): Promise<Caller> {
  const tenant = await keys.findTenant(signature.appid);
  if (tenant === undefined) throw new Refusal('appidUnknown');
  const key = await keys.findKey(signature.secretId);
  // Who cannot sign is not told whether there was a key.
  if (key === undefined || key.revokedAt !== null || hasExpired(key, now)) throw new Refusal('secretIdUnknown');
  if (key.appid !== signature.appid) throw new Refusal('secretIdForeign');
  if (!isAuthentic(signature, key.secretKey)) throw new Refusal('signatureWrong');
  if (isExpired(signature, secondsOf(now))) throw new Refusal('signatureExpired');
  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
  // A signature without a bucket names none, so it cannot name a wrong one: half of the clients never send it.
  if (signature.bucket !== '' && tenant.buckets.length > 0 && !tenant.buckets.includes(signature.bucket)) {
    throw new Refusal('bucketUnknown');
  }
  const { secretKey: _, ...record } = key;
  return { appid: signature.appid, bucket: signature.bucket, tenant, key: record };
}

function digest(signature: Signature): Uint8Array {
  return createHash('sha256').update(signature.mac).update(signature.signed).digest();
}

/** Refuses with 108 when `work` takes too long and with 107 when it fails in any way but a refusal. */
async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Refusal('keyStoreUnavailable')), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } catch (error) {
    throw keyStoreFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

function keyStoreFailure(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal('keyStoreFailed', '', { cause: error });
}
