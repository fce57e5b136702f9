/** Gives a test file of this folder an application of its own, and calls it as a client would. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { makeKey } from '../../src/app/first-key.ts';
import type { SettingName } from '../../src/app/settings.ts';
import type { Key, TenantLimits } from '../../src/auth/keys.ts';
import { type Claim, sign } from '../../src/auth/signature.ts';
import type { EndpointName } from '../../src/contract/endpoints.ts';
import { startApp, type TestApp } from '../harness.ts';
import { type FaultName, faultOf } from './faults.ts';
import { type Pictures, readPictures } from './pictures.ts';

/** The application that a test wants. */
export interface Wanted {
  readonly settings?: Partial<Record<SettingName, unknown>>;
  readonly fault?: FaultName;
  /** What is set for the appid. */
  readonly limits?: TenantLimits;
}

/** What a test is told of its application. */
export interface Opened {
  readonly url: string;
  readonly key: Key;
  /** A key of another appid, which declares the bucket `declared`. */
  readonly stranger: Key;
  /** A key of the same appid that may call nothing. */
  readonly confined: Key;
  readonly pictures: Pictures;
}

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
  readonly #app: AsyncDisposable;

  constructor(opened: Opened, app: AsyncDisposable) {
    this.opened = opened;
    this.#app = app;
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
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app[Symbol.asyncDispose]();
  }
}

let shared: Promise<TestApp> | undefined;
after(async () => (await shared)?.[Symbol.asyncDispose]());

/**
 * Opens an account of its own, whose register is empty. Tests of a process that want nothing special of the application
 * have one in common, as the users of a server do.
 */
export async function openService({ settings, fault, limits = {} }: Wanted = {}): Promise<Service> {
  if (settings !== undefined || fault !== undefined) return openApart(settings, fault);
  shared ??= startApp();
  const app = await shared;
  const opened = await openAccount(app);
  await app.app.stores.tenants.set(opened.key.appid, { limits });
  return new Service(opened, { [Symbol.asyncDispose]: async () => {} });
}

/** Opens an application, and an account in it. */
async function openApart(settings: Wanted['settings'], fault: Wanted['fault']): Promise<Service> {
  const { ports, damage, isLoading = false } = fault === undefined ? {} : faultOf(fault);
  const closing = Promise.withResolvers<void>();
  const app = await startApp(settings, ports?.(closing.promise), undefined, { waitsUntilReady: !isLoading });
  const opened = await openAccount(app);
  damage?.(app.folder);
  return new Service(opened, {
    [Symbol.asyncDispose]: async () => {
      closing.resolve();
      await app[Symbol.asyncDispose]();
    },
  });
}

async function openAccount({ app }: TestApp): Promise<Opened> {
  const [key, stranger] = [makeKey(0), makeKey(0)];
  const confined = { ...makeKey(0, { appid: key.appid }), endpoints: [] };
  await app.stores.keys.addKey(key, []);
  await app.stores.keys.addKey(confined, []);
  await app.stores.keys.addKey(stranger, ['declared']);
  return { url: app.url, key, stranger, confined, pictures: await readPictures() };
}
