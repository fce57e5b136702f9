/** Signs calls with WebCrypto. */

/** How long a signature is valid, in seconds; every call has a new one. */
const validitySeconds = 600;

/** An account's credentials. */
export interface Credentials {
  readonly appid: string;
  readonly secretId: string;
  /** Whoever has it can act for the account: use it on servers, never in pages. */
  readonly secretKey: string;
  /** The bucket to sign for, if the account has buckets. */
  readonly bucket?: string | undefined;
}

/**
 * Makes a function that makes signatures: `base64( HMAC-SHA1(SecretKey, orig) ‖ orig )`. The key is imported once, when
 * it is first needed.
 */
export function createSigner(credentials: Credentials): () => Promise<string> {
  let importing: Promise<CryptoKey> | undefined;
  return async () => {
    importing ??= importKey(credentials.secretKey);
    const text = new TextEncoder().encode(original(credentials, Math.floor(Date.now() / 1000)));
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await importing, text));
    return base64([...mac, ...text]);
  };
}

function original({ appid, bucket, secretId }: Credentials, now: number): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0];
  return `a=${appid}&b=${bucket ?? ''}&k=${secretId}&e=${now + validitySeconds}&t=${now}&r=${random}&f=`;
}

function importKey(secretKey: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secretKey), algorithm, false, ['sign']);
}

function base64(bytes: readonly number[]): string {
  return btoa(String.fromCharCode(...bytes));
}
