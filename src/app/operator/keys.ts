/** The operator's orders about keys. Each is one function, whoever gives the order. */
import type { Key, KeyChange, KeyRecord } from '../../auth/keys.ts';
import type { Stores } from '../../store/open.ts';
import { makeKey } from '../first-key.ts';
import { readEndpoints } from './endpoint-sets.ts';
import { OrderRefused, refuseUnlessCredential, refuseUnlessLine } from './order.ts';

/** What the operator sees of a key. */
export interface KeyReport extends KeyRecord {
  /** Milliseconds since 1970, up to a minute early; absent if it was not used since it is noted. */
  readonly usedAt?: number;
}

/** Where keys are read: an open register, or one that is only looked at. */
export interface KeySource {
  listKeys(): Promise<readonly KeyRecord[]>;
  /** When keys were last used, by SecretId: milliseconds since 1970. */
  keyUses(): Promise<ReadonlyMap<string, number>>;
}

/** What may be said of a key, as the operator writes it. */
export interface KeyWords {
  /** Empty for none. */
  readonly name?: string | undefined;
  /** A date or a moment, as 2027-01-31 or 2027-01-31T12:00:00Z; `never`. */
  readonly expires?: string | undefined;
  /** Endpoints, sets of them, or `all`. */
  readonly endpoints?: readonly string[] | undefined;
}

/** A key to add; what is absent of its credentials is made. */
export interface KeyOrder extends KeyWords {
  readonly appid?: string | undefined;
  readonly secretId?: string | undefined;
  readonly secretKey?: string | undefined;
  /** Buckets that the appid declares from then on, beside those that it has. */
  readonly buckets?: readonly string[] | undefined;
}

/**
 * Checks a key that is to be added, before anything is opened for it.
 * @param now milliseconds since 1970.
 * @throws OrderRefused.
 */
export function prepareKey(order: KeyOrder, now: number): Key {
  for (const name of ['appid', 'secretId', 'secretKey'] as const) refuseUnlessCredential(name, order[name]);
  const { name, expiresAt, endpoints } = readKeyWords(order);
  return {
    ...makeKey(now, order),
    ...(name != null && { name }),
    ...(expiresAt != null && { expiresAt }),
    ...(endpoints != null && { endpoints }),
  };
}

/** Adds a key, and its appid if it is new. @throws OrderRefused if there is one with the SecretId. */
export async function addKey({ keys }: Pick<Stores, 'keys'>, key: Key, buckets: readonly string[] = []): Promise<void> {
  if (await keys.addKey(key, buckets)) return;
  throw new OrderRefused('exists', `there is a key with the SecretId ${key.secretId} already`);
}

/** Every key in order of creation, or those of one appid. */
export async function reportKeys(source: KeySource, appid?: string): Promise<readonly KeyReport[]> {
  const [keys, uses] = [await source.listKeys(), await source.keyUses()];
  return keys
    .filter((key) => appid === undefined || key.appid === appid)
    .map((key) => {
      const usedAt = uses.get(key.secretId);
      return { ...key, ...(usedAt !== undefined && { usedAt }) };
    });
}

/** One key. @throws OrderRefused if there is none. */
export async function reportKey(source: KeySource, secretId: string): Promise<KeyReport> {
  const found = (await reportKeys(source)).find((key) => key.secretId === secretId);
  if (found === undefined) throw unknownKey(secretId);
  return found;
}

/** Changes what is known of a key; servers follow within a second. @throws OrderRefused. */
export async function setKey({ keys }: Pick<Stores, 'keys'>, secretId: string, change: KeyChange): Promise<void> {
  if (!(await keys.setKey(secretId, change))) throw unknownKey(secretId);
}

/** Revokes a key; servers follow within a second. @throws OrderRefused if there is none, or it is revoked. */
export async function revokeKey({ keys }: Pick<Stores, 'keys'>, secretId: string, now: number): Promise<void> {
  if (!(await keys.revokeKey(secretId, now))) throw notToRevoke(secretId);
}

/** What the operator's words change of a key. @throws OrderRefused that says which of them is not understood. */
export function readKeyWords({ name, expires, endpoints }: KeyWords): KeyChange {
  refuseUnlessLine('name', name);
  return {
    ...(name !== undefined && { name: name === '' ? null : name }),
    ...(expires !== undefined && { expiresAt: readMoment(expires) }),
    ...(endpoints !== undefined && { endpoints: readEndpoints(endpoints) }),
  };
}

/** The refusal for a key that is not there. */
export function unknownKey(secretId: string): OrderRefused {
  return new OrderRefused('unknown', `there is no key with the SecretId ${secretId}`);
}

/** The refusal for a key that cannot be revoked. */
export function notToRevoke(secretId: string): OrderRefused {
  return new OrderRefused('unknown', `there is no key with the SecretId ${secretId}, or it is revoked already`);
}

/** A date, which begins in UTC, or a moment with its zone. */
const momentPattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readMoment(text: string): number | null {
  if (text === 'never') return null;
  const ms = momentPattern.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new OrderRefused('invalid', `expires ${text}: spell it as 2027-01-31, 2027-01-31T12:00:00Z, or never`);
}
