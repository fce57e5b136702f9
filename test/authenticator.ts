/** An authenticator in software: makes passkeys, and uses them, as a browser does with a security key (https://www.w3.org/TR/webauthn-3/). */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
/** User present, user verified, and a new key attached. */
const [present, verified, attached] = [0x01, 0x04, 0x40];

/** What a test may have it do wrong. */
export interface Wrongs {
  readonly origin?: string;
  readonly host?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
}

/** A passkey of a page, in an authenticator that counts its uses. */
export class SoftwarePasskey {
  readonly #origin: string;
  readonly #id = randomBytes(16);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #counter = 0;

  /** @param origin of the page: `https://faces.example`. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  get id(): string {
    return this.#id.toString('base64url');
  }

  /** What the browser sends when it has made the passkey. */
  made(challenge: string, wrongs: Wrongs = {}) {
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
    const cose = Buffer.concat([
      Buffer.from('a501020326200121', 'hex'),
      ...[Buffer.from('5820', 'hex'), bytes(x!), Buffer.from('225820', 'hex'), bytes(y!)],
    ]);
    const length = Buffer.from([0, this.#id.length]);
    const authData = Buffer.concat([this.#head(attached, wrongs), Buffer.alloc(16), length, this.#id, cose]);
    const attestationObject = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
      Buffer.from([authData.length]),
      authData,
    ]);
    return this.#sent({
      clientDataJSON: this.#clientData('webauthn.create', challenge, wrongs).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** What the browser sends when it signs in. */
  used(challenge: string, wrongs: Wrongs = {}) {
    this.#counter = wrongs.counter ?? this.#counter + 1;
    const authenticatorData = this.#head(0, wrongs);
    const clientData = this.#clientData('webauthn.get', challenge, wrongs);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#keys.privateKey);
    return this.#sent({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: signature.toString('base64url'),
    });
  }

  #head(flags: number, { host, isVerified = true }: Wrongs): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    const all = present | flags | (isVerified ? verified : 0);
    return Buffer.concat([sha256(host ?? new URL(this.#origin).hostname), Buffer.from([all]), counter]);
  }

  #clientData(type: string, challenge: string, { origin }: Wrongs): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: origin ?? this.#origin, crossOrigin: false }));
  }

  #sent(response: Record<string, unknown>) {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }
}
