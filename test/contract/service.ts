/** Gives a test file of this folder an application of its own, and calls it as a client would. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type Claim, sign } from '../../src/auth/signature.ts';
import type { EndpointName } from '../../src/contract/endpoints.ts';
import type { Opened, Wanted } from './apps.ts';

/** The variable that holds the port on which `setup.ts` hands out applications. */
export const appsVariable = 'FAMILIAR_TEST_APPS';

/** An answer as it came. */
export interface Reply {
  readonly endpoint: string;
  readonly status: number;
  readonly code: number;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly data: any;
  readonly text: string;
}

/** An application, as a client sees it. */
export class Service implements AsyncDisposable {
  readonly opened: Opened;
  readonly #close: () => Promise<void>;

  constructor(opened: Opened, close: () => Promise<void>) {
    this.opened = opened;
    this.#close = close;
  }

  /** Calls an endpoint with JSON; the appid is added. */
  call(endpoint: EndpointName, fields: Readonly<Record<string, unknown>>, authorization = this.sign()): Promise<Reply> {
    return this.send(endpoint, JSON.stringify({ appid: this.opened.key.appid, ...fields }), { authorization });
  }

  /** Calls an endpoint that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  async read(endpoint: EndpointName, fields: Readonly<Record<string, unknown>>): Promise<any> {
    const { code, data, text } = await this.call(endpoint, fields);
    assert.equal(code, 0, text);
    return data;
  }

  /** Sends any body to an endpoint, or to what is none. */
  async send(
    endpoint: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: Readonly<Record<string, string>> = {},
    method = 'POST',
  ): Promise<Reply> {
    const response = await fetch(`${this.opened.url}/face/${endpoint}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { endpoint, status: response.status, text, ...JSON.parse(text) };
  }

  /**
   * A signature, good for a minute.
   * @param claim what it claims otherwise than it should.
   */
  sign(claim: Partial<Claim> = {}, key = this.opened.key): string {
    const now = Math.floor(Date.now() / 1000);
    return sign({ appid: key.appid, secretId: key.secretId, madeAt: now, expires: now + 60, ...claim }, key.secretKey);
  }

  /** Closes the application. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Opens an application: in the process that the run's setup has for all, or here if there is none. */
export async function openService(wanted: Wanted): Promise<Service> {
  const port = process.env[appsVariable];
  if (port === undefined) {
    const apps = (await import('./apps.ts')).createApps();
    const app = await apps.open(wanted);
    return new Service(app.opened, async () => {
      await app[Symbol.asyncDispose]();
      await apps[Symbol.asyncDispose]();
    });
  }
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${JSON.stringify(wanted)}\n`);
  const answer = await new Promise<string>((resolve, reject) => {
    let line = '';
    socket.setEncoding('utf8').on('data', (some: string) => {
      line += some;
      if (line.endsWith('\n')) resolve(line);
    });
    socket.once('error', reject).once('close', () => reject(new Error(`no application: ${line}`)));
  });
  return new Service(JSON.parse(answer), async () => void socket.destroy());
}
