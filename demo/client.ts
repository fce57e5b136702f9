/** Calls familiar from the demo, as any client would: over a socket. */
import type { Key } from '../src/auth/keys.ts';
import { sign } from '../src/auth/signature.ts';

/** An answer's envelope. */
export interface Envelope {
  readonly code: number;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: what `data` holds depends on the endpoint
  readonly data: any;
}

/** Calls one server with one key. */
export class Client {
  readonly #url: string;
  readonly #key: Key;

  constructor(url: string, key: Key) {
    this.#url = url;
    this.#key = key;
  }

  /** A signature that is good for ten minutes, or was, if it was made long enough ago. */
  sign(secretKey: string = this.#key.secretKey, agoSeconds = 0): string {
    const madeAt = Math.floor(Date.now() / 1000) - agoSeconds;
    return sign({ appid: this.#key.appid, secretId: this.#key.secretId, madeAt, expires: madeAt + 600 }, secretKey);
  }

  /** A call with a JSON body. */
  json(endpoint: string, fields: object, signature: string = this.sign()): Promise<Envelope> {
    const body = JSON.stringify({ appid: this.#key.appid, ...fields });
    return this.#send(endpoint, signature, body, { 'content-type': 'application/json' });
  }

  /** A call with pictures in a multipart body. */
  form(endpoint: string, fields: Readonly<Record<string, string>>, images: readonly Buffer[]): Promise<Envelope> {
    const body = new FormData();
    for (const [name, value] of Object.entries({ appid: this.#key.appid, ...fields })) body.append(name, value);
    for (const [i, image] of images.entries()) {
      const name = endpoint === 'addface' ? `images[${i}]` : 'image';
      body.append(name, new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), `${i}.jpg`);
    }
    return this.#send(endpoint, this.sign(), body, {});
  }

  async #send(endpoint: string, signature: string, body: BodyInit, headers: Record<string, string>): Promise<Envelope> {
    const init = { method: 'POST', headers: { authorization: signature, ...headers }, body };
    const response = await fetch(`${this.#url}/face/${endpoint}`, init);
    return (await response.json()) as Envelope;
  }
}
