/**
 * Passkeys of operators: what they are, where they are kept, and whether what a browser sends was made by one. The rules of the standard
 * (https://www.w3.org/TR/webauthn-3/) are those of `@simplewebauthn/server`, which is loaded with the first passkey: it takes as much memory as
 * the rest of the operator's listener.
 */
import { createHash } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

/** A passkey. */
export interface Passkey {
  /** As the authenticator calls it, in base64url. */
  readonly id: string;
  readonly operator: string;
  /** What its owner calls it. */
  readonly label: string;
  /** The host that it is for: an authenticator uses it for no other. */
  readonly host: string;
  readonly publicKey: Uint8Array;
  /** How the authenticator is reached, for the browser. */
  readonly transports: readonly string[];
  /** How often it was used, as the authenticator counts; 0 for one that does not count. */
  readonly counter: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Null until it is used. */
  readonly usedAt: number | null;
}

/** Where passkeys are kept. */
export interface PasskeyStore {
  /** Those of an operator, the oldest first. */
  passkeysOf(operator: string): Promise<readonly Passkey[]>;
  findPasskey(id: string): Promise<Passkey | undefined>;
  /** False if there is one with that id, or no such operator. */
  addPasskey(passkey: Passkey): Promise<boolean>;
  /** Notes a use; false if there is no such passkey, or the counter says that it is a copy. */
  usePasskey(id: string, counter: number, now: number): Promise<boolean>;
  /** False if the operator has no such passkey. */
  removePasskey(operator: string, id: string): Promise<boolean>;
}

/** The page that asks: `https://faces.example`, and its host name. */
export interface PasskeyPage {
  readonly origin: string;
  readonly host: string;
}

/**
 * The page of a request.
 * @param origin the header; undefined where a program asks.
 * @returns undefined for what has no passkeys: programs, and pages that are reached by a number and not by a name.
 */
export function passkeyPage(origin: string | undefined): PasskeyPage | undefined {
  const url = origin === undefined ? undefined : URL.parse(origin);
  if (url === null || url === undefined || /^(\[.*\]|[\d.]+)$/.test(url.hostname)) return undefined;
  return { origin: url.origin, host: url.hostname };
}

/** EdDSA, ECDSA with P-256 and RSA, by their numbers in COSE: what all authenticators have one of. */
const algorithms = [-8, -7, -257];

const library = () => import('@simplewebauthn/server');

/** What a browser is told to make a passkey for an operator. @returns it, and the challenge in it. */
export async function registrationOptions(page: PasskeyPage, operator: string, known: readonly Passkey[]) {
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: 'familiar',
    rpID: page.host,
    userName: operator,
    // The same for all passkeys of an operator, so that an authenticator keeps one of them.
    userID: new Uint8Array(createHash('sha256').update(`operator ${operator}`).digest()),
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: known.map(credentialOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What a browser is told to sign in. It names no passkey: nobody learns who has one. */
export async function signInOptions(page: PasskeyPage) {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({ rpID: page.host, userVerification: 'required' });
}

/** What takes a challenge back: true for one that was given out for this, and only once. */
type TakesChallenge = (challenge: string) => boolean;

/** The passkey that a browser has made; undefined if what it sent is not good. */
export async function madePasskey(
  page: PasskeyPage,
  response: unknown,
  takes: TakesChallenge,
): Promise<Pick<Passkey, 'id' | 'publicKey' | 'transports' | 'counter' | 'host'> | undefined> {
  const { verifyRegistrationResponse } = await library();
  const expected = { expectedChallenge: takes, expectedOrigin: page.origin, expectedRPID: page.host };
  const checked = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    ...expected,
    supportedAlgorithmIDs: algorithms,
    requireUserVerification: true,
  }).catch(() => undefined);
  if (!checked?.verified) return undefined;
  const { id, publicKey, counter, transports = [] } = checked.registrationInfo.credential;
  return { id, publicKey, counter, transports, host: page.host };
}

/** The counter of a use of a passkey; undefined if what the browser sent was not signed by it, for this page and challenge. */
export async function usedCounter(
  page: PasskeyPage,
  response: unknown,
  passkey: Passkey,
  takes: TakesChallenge,
): Promise<number | undefined> {
  if (passkey.host !== page.host) return undefined;
  const { verifyAuthenticationResponse } = await library();
  const { id, publicKey, counter } = passkey;
  const checked = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: takes,
    expectedOrigin: page.origin,
    expectedRPID: page.host,
    credential: { id, publicKey: new Uint8Array(publicKey), counter },
    requireUserVerification: true,
  }).catch(() => undefined);
  return checked?.verified ? checked.authenticationInfo.newCounter : undefined;
}

function credentialOf({ id, transports }: Passkey) {
  return { id, transports: transports as NonNullable<RegistrationResponseJSON['response']['transports']> };
}
