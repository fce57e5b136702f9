/** The format of a signature (docs/contract.md §2): parses, verifies and makes signatures. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../errors/refusals.ts';

/** Bytes of the HMAC-SHA1 at the start of every signature. */
const macBytes = 20;
/** The longest time for which a signature may be valid: 90 days, in seconds (docs/contract.md §2, codes 5 and 9). */
export const validitySecondsMax = 90 * 24 * 60 * 60;
/** How far ahead of our clock a signature may have been made, in seconds (docs/contract.md §2, code 5). */
export const aheadSecondsMax = 900;

/** A parsed signature; do not trust its fields before {@link isAuthentic} has returned true. */
export interface Signature {
  /** Its HMAC. */
  readonly mac: Buffer;
  /** The bytes that the HMAC was computed from. */
  readonly signed: Buffer;
  /** `a`: decimal digits in practice, not checked here. */
  readonly appid: string;
  /** `b`: the bucket, empty if absent. */
  readonly bucket: string;
  /** `k`. */
  readonly secretId: string;
  /** `e`: seconds since 1970, or 0 for a single-use signature. */
  readonly expires: number;
  /** `t`: when it was made, seconds since 1970. */
  readonly madeAt: number;
  /** `f`: what a single-use signature is bound to, empty if absent. */
  readonly file: string;
}

/** What to sign. Fields are written in the order a, b, k, e, t, r, u, f; undefined ones are left out. */
export interface Claim {
  readonly appid: string;
  readonly bucket?: string | undefined;
  readonly secretId: string;
  readonly expires: number;
  readonly madeAt: number;
  readonly rand?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Parses an Authorization header.
 * @param nowSeconds our clock, seconds since 1970.
 * @throws Refusal `signatureEmpty` or `signatureMalformed`.
 */
export function parseSignature(header: string | undefined, nowSeconds: number): Signature {
  const text = (header ?? '').replace(/\s+/g, '');
  if (text === '') throw new Refusal('signatureEmpty');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw malformed('not base64');
  if (bytes.length <= macBytes) throw malformed('too short');
  const signed = bytes.subarray(macBytes);
  const fields = parseFields(signed.toString('latin1'));
  const signature = {
    mac: bytes.subarray(0, macBytes),
    signed,
    appid: required(fields, 'a'),
    bucket: utf8(fields.get('b') ?? ''),
    secretId: required(fields, 'k'),
    expires: seconds(fields, 'e'),
    madeAt: seconds(fields, 't'),
    file: fields.get('f') ?? '',
  };
  if (signature.expires === 0 && signature.file === '') throw malformed('e=0 needs f');
  if (signature.expires - signature.madeAt > validitySecondsMax) throw malformed('valid for more than 90 days');
  if (signature.madeAt - nowSeconds > aheadSecondsMax) throw malformed('t is in the future');
  return signature;
}

/** Whether the signature was made with this SecretKey; takes the same time whichever byte differs. */
export function isAuthentic(signature: Signature, secretKey: string): boolean {
  return timingSafeEqual(signature.mac, mac(signature.signed, secretKey));
}

/**
 * Whether a signature has expired. A single-use one expires 90 days after it was made, so that spent ones need not be
 * remembered for ever.
 */
export function isExpired({ expires, madeAt }: Signature, nowSeconds: number): boolean {
  const until = expires === 0 ? madeAt + validitySecondsMax : expires;
  return nowSeconds > until || until <= madeAt;
}

/** Makes the value of an Authorization header. */
export function sign(claim: Claim, secretKey: string): string {
  const pairs: readonly (readonly [string, string | number | undefined])[] = [
    ['a', claim.appid],
    ['b', claim.bucket],
    ['k', claim.secretId],
    ['e', claim.expires],
    ['t', claim.madeAt],
    ['r', claim.rand],
    ['f', claim.file],
  ];
  const present = pairs.filter(([, value]) => value !== undefined);
  return signText(present.map(([name, value]) => `${name}=${value}`).join('&'), secretKey);
}

/** Signs a text without changing it: `base64( HMAC-SHA1(SecretKey, text) ‖ text )`. */
export function signText(text: string, secretKey: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([mac(bytes, secretKey), bytes]).toString('base64');
}

function mac(bytes: Uint8Array, secretKey: string): Buffer {
  return createHmac('sha1', secretKey).update(bytes).digest();
}

function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    // With two values for one field, signer and reader could use different ones.
    if (fields.has(name)) throw malformed(`${name} is there twice`);
    fields.set(name, at < 0 ? '' : pair.slice(at + 1));
  }
  return fields;
}

function required(fields: ReadonlyMap<string, string>, name: string): string {
  const value = fields.get(name) ?? '';
  if (value === '') throw malformed(`${name} is missing`);
  return utf8(value);
}

function seconds(fields: ReadonlyMap<string, string>, name: string): number {
  const value = required(fields, name);
  if (!/^\d{1,15}$/.test(value)) throw malformed(`${name} is not decimal`);
  return Number(value);
}

/** Fields are parsed as Latin-1 text, so that no byte is lost; their values are UTF-8. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function malformed(detail: string): Refusal {
  return new Refusal('signatureMalformed', detail);
}
