/** Runs the application for tests: in a folder of its own, over real sockets, with real networks. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelsFolder } from '../src/app/analyzer.ts';
import { type App, createApp, type Ports } from '../src/app/create-app.ts';
import { readSettings, type SettingName } from '../src/app/settings.ts';
import type { Key, KeyStore } from '../src/auth/keys.ts';
import { sign } from '../src/auth/signature.ts';
import { type EndpointName, endpoints } from '../src/contract/endpoints.ts';
import { masterKeyText } from './master-key.ts';
import { lendNetworks, modelsCache } from './networks/lend.ts';
import { borrowDatabase } from './postgres/lend.ts';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../', import.meta.url));
/** Whether applications that name no database have one of PostgreSQL's, as `npm run test:postgres` asks for. */
const isOnPostgres = process.env.FAMILIAR_TEST_DATABASE === 'postgres';
/** Settings of which the networks that tests share know nothing. */
const settingsOfNetworks = ['workers', 'queueMax', 'pictureTimeoutMs', 'picturePixelsMax'] as const;

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly data: any;
  readonly headers: Headers;
  /** The body's text. */
  readonly text: string;
}

/** A value of a request's field. */
export type FieldValue = string | number | readonly string[] | Uint8Array | readonly Uint8Array[];

/** A running application with a key to call it with. */
export interface TestApp extends AsyncDisposable {
  readonly app: App;
  readonly folder: string;
  readonly key: Key;
  /** Calls an endpoint with a JSON body; the appid is added. */
  readonly json: (
    endpoint: EndpointName,
    fields: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  /** Calls an endpoint with a multipart body; the appid is added. */
  readonly form: (endpoint: EndpointName, fields: Record<string, FieldValue>) => Promise<Answer>;
  /** Sends any request. */
  readonly send: (path: string, init: RequestInit) => Promise<Answer>;
  /** A signature that is good for a minute. */
  readonly sign: () => string;
}

/** Makes a folder for data with the shared networks in it. */
export async function makeFolder(parent: string = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'familiar-test-'));
  await mkdir(modelsCache, { recursive: true });
  await symlink(modelsCache, join(folder, modelsFolder));
  return folder;
}

/**
 * Starts the application and waits until it is ready, unless told otherwise. Its networks are lent, unless the settings
 * say how to look: then it loads them as it does for its users.
 */
export async function startApp(
  settings: Partial<Record<SettingName, unknown>> = {},
  ports: Partial<Ports> = {},
  folder?: string,
  { waitsUntilReady = true }: { readonly waitsUntilReady?: boolean } = {},
): Promise<TestApp> {
  const data = folder ?? (await makeFolder());
  await using lent = new AsyncDisposableStack();
  const database = isOnPostgres && !('database' in settings) ? lent.use(await borrowDatabase()).url : '';
  const logs: string[] = [];
  const named = { adminPort: 0, masterKey: masterKeyText, allowUrlHost: '127.0.0.1' };
  const flags = { port: 0, data, database, ...named, ...settings };
  const app = await createApp(readSettings(flags, undefined, {}), {
    log: { write: (line) => void logs.push(line) },
    ...(!settingsOfNetworks.some((name) => name in settings) && { openAnalyzer: lendNetworks }),
    ...ports,
  });
  const ready = waitsUntilReady ? app.ready : Promise.resolve();
  await ready.catch(async (error) => {
    // A server that is not closed would keep the test's process alive.
    await app[Symbol.asyncDispose]();
    throw error;
  });
  const borrowed = lent.move();
  const key = app.firstKey ?? (await firstOf(app.stores.keys));
  if (key === undefined) throw new Error('the application has no key');
  const { appid } = key;
  const signed = () => signFor(key);
  const send = (path: string, init: RequestInit) => sendTo(app.url + path, init);
  return {
    app,
    folder: data,
    key,
    send,
    sign: signed,
    json: (endpoint, fields, headers = {}) =>
      send(`/face/${endpoint}`, {
        method: 'POST',
        headers: { authorization: signed(), 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ appid, ...fields }),
      }),
    form: (endpoint, fields) =>
      send(`/face/${endpoint}`, {
        method: 'POST',
        headers: { authorization: signed() },
        body: formOf({ appid, ...fields }),
      }),
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await borrowed.disposeAsync();
      if (folder === undefined) await rm(data, { recursive: true });
    },
  };
}

/** The oldest key that an installation has. */
async function firstOf(keys: KeyStore): Promise<Key | undefined> {
  const [oldest] = await keys.listKeys();
  return oldest && keys.findKey(oldest.secretId);
}

/** A multi-use signature made by a key, good for a minute. */
export function signFor(key: Key, madeAt: number = Math.floor(Date.now() / 1000)): string {
  return sign({ appid: key.appid, secretId: key.secretId, madeAt, expires: madeAt + 60 }, key.secretKey);
}

/** Sends a request and reads the envelope, whose shape every answer must have. */
export async function sendTo(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const { code, message, data } = JSON.parse(text) as { code: number; message: string; data: unknown };
  return { status: response.status, code, message, data, headers: response.headers, text };
}

/** A form with lists spelled `k[0]`, `k[1]` and bytes as files. */
export function formOf(fields: Record<string, FieldValue>): FormData {
  const form = new FormData();
  const add = (name: string, value: string | number | Uint8Array) =>
    value instanceof Uint8Array
      ? form.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), `${name}.jpg`)
      : form.append(name, String(value));
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) for (const [i, one] of value.entries()) add(`${name}[${i}]`, one);
    else add(name, value as string | number | Uint8Array);
  }
  return form;
}

/** Checks that `data` has just the documented fields, in the documented order, with the documented types. */
export function checkShape(endpoint: EndpointName, answer: Answer): void {
  const { output } = endpoints[endpoint];
  output.parse(answer.data);
  const order = Object.keys(output.shape)
    .filter((field) => field in answer.data)
    .join();
  if (Object.keys(answer.data).join() !== order)
    throw new Error(`${endpoint} answers ${Object.keys(answer.data)}, not ${order}`);
  const expected = `{"code":0,"message":"OK","data":${JSON.stringify(answer.data)}}`;
  if (answer.text !== expected) throw new Error(`${endpoint} answers more than its envelope: ${answer.text}`);
}

/** One of the six photographs that come with the networks. */
export function photograph(number: 1 | 2 | 3 | 4 | 5 | 6): Promise<Buffer> {
  const path = join(root, 'node_modules', '@vladmandic', 'face-api', 'demo', `sample${number}.jpg`);
  if (!existsSync(path)) throw new Error(`${path} is not there: run npm ci`);
  return readFile(path);
}
