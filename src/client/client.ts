/** The typed client, for Node and browsers; it uses only what both have built in. */

import { bodyOf, type PictureFields } from './body.ts';
import { type Client, pictures } from './calls.ts';
import type { CallOptions } from './options.ts';
import { RefusalError } from './refusal-error.ts';
import { type Credentials, createSigner } from './signer.ts';

export type { Picture } from './body.ts';
export * from './calls.ts';
export { RefusalError, type RefusalName } from './refusal-error.ts';
export type { Credentials } from './signer.ts';

/** Signatures that are made elsewhere, so that the client needs no SecretKey; for pages in a browser. */
export interface Signed {
  readonly appid: string;
  /** Resolves to the value of an Authorization header; called once a call. */
  readonly sign: () => Promise<string>;
}

/** The server and the account. */
export type ClientOptions = (Credentials | Signed) & {
  /** The server, with the path in front of `/face` if there is one: `http://127.0.0.1:8080`. */
  readonly url: string | URL;
  /** The longest time that a call may take, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
};

/** An answer's envelope. */
interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * Makes a client. It holds no connection and need not be closed.
 *
 * Every method rejects with a {@link RefusalError} if the server refuses, with a `TimeoutError` if it takes too long,
 * with the signal's reason if it is aborted, and with a `TypeError` if the server cannot be reached.
 */
export function createClient(options: ClientOptions): Client {
  const base = String(options.url).replace(/\/+$/, '');
  const sign = 'sign' in options ? options.sign : createSigner(options);
  const timeoutMs = options.timeoutMs ?? 60_000;
  const call = async (
    name: string,
    fields: Readonly<Record<string, PictureFields>>,
    input: Readonly<Record<string, unknown>> = {},
    { signal }: CallOptions = {},
  ): Promise<unknown> => {
    const body = bodyOf(input, fields, options.appid);
    const deadline = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${base}/face/${name}`, {
      method: 'POST',
      // fetch sets a form's content type, since only it knows the boundary.
      headers: {
        authorization: await sign(),
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      body,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    return dataOf(response);
  };
  const methods = Object.entries(pictures).map(([name, fields]) => [name, call.bind(undefined, name, fields)]);
  return Object.fromEntries(methods) as Client;
}

async function dataOf(response: Response): Promise<unknown> {
  const text = await response.text();
  const envelope = parse(text);
  if (envelope === undefined) {
    throw new Error(
      `${response.url} answered ${response.status} with what is no answer of familiar: ${text.slice(0, 200)}`,
    );
  }
  if (envelope.code === 0) return envelope.data;
  throw new RefusalError(envelope, response.status, response.headers.get('x-request-id') ?? '');
}

function parse(text: string): Envelope | undefined {
  try {
    const value = JSON.parse(text) as Partial<Envelope> | null;
    return typeof value?.code === 'number' && typeof value.message === 'string' ? (value as Envelope) : undefined;
  } catch {
    return undefined;
  }
}
