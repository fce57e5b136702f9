/** Authenticates a caller: the checks of a signature, in the order of docs/contract.md §2. */
import { createHash } from 'node:crypto';
import { Refusal } from '../errors/refusals.ts';
import type { KeyStore } from './keys.ts';
import { isAuthentic, isExpired, parseSignature, type Signature } from './signature.ts';

/** An authenticated caller. */
export interface Caller {
  readonly appid: string;
  /** The key that signed. */
  readonly secretId: string;
  /** The bucket that was signed, empty if none. */
  readonly bucket: string;
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
    this.#proven.set(header, proven);
  }
}

/**
 * Authenticates a caller.
 * @param header the Authorization header, as received.
 * @throws Refusal in the contract's order: 4, 5, 10, 11, 12, 14, 9, 13, then 16; 107 and 108 when the key store fails
 *   or does not answer in time.
 */
export async function authenticate(header: string | undefined, gate: Authentication): Promise<Caller> {
  const nowSeconds = Math.floor(gate.now() / 1000);
  const text = header ?? '';
  const known = gate.proven?.find(text);
  const signature = known?.signature ?? parseSignature(text, nowSeconds);
  await inTime(proveOnce(text, signature, known?.version, nowSeconds, gate), gate.keysTimeoutMs);
  const { appid, secretId, bucket } = signature;
  return { appid, secretId, bucket };
}

/** @param knownVersion of the key store when the signature was found good; undefined if it was not yet. */
async function proveOnce(
  text: string,
  signature: Signature,
  knownVersion: number | undefined,
  nowSeconds: number,
  { keys, proven }: Authentication,
): Promise<void> {
  // Asked for first: a change while the signature is checked makes it another one.
  const version = proven && (await keys.version?.());
  if (version !== undefined && version === knownVersion && !isExpired(signature, nowSeconds)) return;
  await prove(signature, nowSeconds, keys);
  if (version !== undefined && signature.expires !== 0) proven?.keep(text, { signature, version });
}

async function prove(signature: Signature, nowSeconds: number, keys: KeyStore): Promise<void> {
  const tenant = await keys.findTenant(signature.appid);
  if (tenant === undefined) throw new Refusal('appidUnknown');
  const key = await keys.findKey(signature.secretId);
  if (key === undefined || key.revokedAt !== null) throw new Refusal('secretIdUnknown');
  if (key.appid !== signature.appid) throw new Refusal('secretIdForeign');
  if (!isAuthentic(signature, key.secretKey)) throw new Refusal('signatureWrong');
  if (isExpired(signature, nowSeconds)) throw new Refusal('signatureExpired');
  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
  // A signature without a bucket names none, so it cannot name a wrong one: half of the clients never send it.
  if (signature.bucket !== '' && tenant.buckets.length > 0 && !tenant.buckets.includes(signature.bucket)) {
    throw new Refusal('bucketUnknown');
  }
}

function digest(signature: Signature): Uint8Array {
  return createHash('sha256').update(signature.mac).update(signature.signed).digest();
}

/** Refuses with 108 when `work` takes too long and with 107 when it fails in any way but a refusal. */
async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Refusal('keyStoreUnavailable')), timeoutMs);
  try {
    await Promise.race([work, late.promise]);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('keyStoreFailed', '', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
