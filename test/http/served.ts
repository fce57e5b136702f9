/** The server over ports in memory, so that what it does with a request is tested in milliseconds: no networks, no database. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { type Claim, sign } from '../../src/auth/signature.ts';
import type { EndpointName } from '../../src/contract/endpoints.ts';
import type { CountedCall } from '../../src/domain/stores.ts';
import type { Recogniser } from '../../src/http/call.ts';
import type { CallerLimits } from '../../src/http/limits.ts';
import { createServer, type Server, type ServerParts } from '../../src/http/server.ts';
import { memoryKeys } from '../auth/memory-keys.ts';
import { type MemoryContext, openContext, type ShownFace } from '../domain/memory-context.ts';

/** The server's clock, in seconds since 1970. */
export const now = 1_790_000_000;
/** What a server takes unless told otherwise, in bytes. */
export const [pictureBytesMax, bodyBytesMax] = [1_000, 10_000];

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly data: any;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A request, as far as it is not the usual one: a POST of JSON. */
export interface Sent {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
}

/** A server with what its ports have been told. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  /** Lines of the log. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly counted: readonly CountedCall[];
  /** What an appid works with: its registry, its gallery, and the face analyzer. */
  readonly contextOf: (appid: string) => MemoryContext;
  /** Calls an endpoint with JSON; appid and signature are added unless they are given. */
  readonly call: (
    endpoint: EndpointName,
    fields?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** Sends any request, without a socket. */
  readonly send: (path: string, sent?: Sent) => Promise<Answer>;
  /** Listens on a free port, for tests of sockets; resolves to the port. */
  readonly listen: () => Promise<number>;
}

/** Limits that no test meets unless it sets its own. */
const noLimits = { callsPerSecondMax: 0, callsMax: 1_000, picturesMax: 1_000, enrolQualityMin: 0 };

/** What a test may put in the place of what {@link serve} makes; limits are those of every appid. */
export type Replaced = Partial<ServerParts> & Partial<Recogniser> & { readonly limits?: Partial<CallerLimits> };

/**
 * Makes a server; a test may put ports of its own in the place of those in memory.
 * @param replaced `limits` are those of every appid.
 */
export function serve({ limits, analyzer, galleryOf, ...replaced }: Replaced = {}): Served {
  const log: Record<string, unknown>[] = [];
  const counted: CountedCall[] = [];
  const contexts = new Map<string, MemoryContext>();
  const contextOf = (appid: string): MemoryContext => {
    const context = contexts.get(appid) ?? openContext();
    contexts.set(appid, context);
    return context;
  };
  let faceIds = 10n ** 18n;
  const server = createServer({
    storeOf: (appid) => contextOf(appid).store,
    recogniser: () => ({
      analyzer: analyzer ?? contextOf('1').analyzer,
      galleryOf: galleryOf ?? ((appid) => contextOf(appid).gallery),
    }),
    usage: { count: async (call) => void counted.push(call), report: async () => [] },
    downloads: { fetch: async () => new Uint8Array(pictureOf({ cosine: 1 })) },
    limitsOf: () => ({ ...noLimits, ...contextOf('1').limits, ...limits }),
    newFaceId: () => String(faceIds++),
    onSeen: (appid, faceId) => contextOf(appid).onSeen(faceId),
    pictureBytesMax,
    audit: 'refused',
    day: () => '2026-11-30',
    authentication: { keys: memoryKeys(), now: () => now * 1000, keysTimeoutMs: 60_000 },
    bodyBytesMax,
    bodyMemoryMax: 10 * bodyBytesMax,
    bodyRateMin: 0,
    connections: { max: 1_000, appidMax: 1_000 },
    admission: { workers: 2, queueWaitMaxMs: 60_000 },
    requestTimeoutMs: 60_000,
    corsOrigins: [],
    checkReady: async () => {},
    openapi: '{"openapi":"3.1.0"}',
    log: pino({ base: null }, { write: (line) => void log.push(JSON.parse(line)) }),
    ...replaced,
  });
  const send = async (path: string, { method = 'POST', headers, body }: Sent = {}): Promise<Answer> => {
    const answer = await server.http.inject({
      method,
      url: path,
      headers: { authorization: signed(), 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { payload: body }),
    });
    const envelope = answer.payload === '' ? {} : JSON.parse(answer.payload);
    return { data: undefined, ...envelope, status: answer.statusCode, headers: answer.headers, text: answer.payload };
  };
  return {
    server,
    log,
    counted,
    contextOf,
    send,
    call: (endpoint, fields = {}, headers = {}) =>
      send(`/face/${endpoint}`, { headers, body: JSON.stringify({ appid: '1', ...fields }) }),
    listen: async () => {
      await server.http.listen({ host: '127.0.0.1', port: 0 });
      return (server.http.server.address() as AddressInfo).port;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A signature that is good at {@link now}, by the first key unless told otherwise. */
export function signed(claim: Partial<Claim> = {}, secretKey = 'K1'): string {
  return sign({ appid: '1', secretId: 'S1', madeAt: now, expires: now + 60, ...claim }, secretKey);
}

/** A picture of faces, largest first, as the face analyzer in memory reads it. */
export function pictureOf(...faces: readonly ShownFace[]): Buffer {
  return Buffer.from(JSON.stringify(faces));
}

/** A picture of faces in base64. */
export function imageOf(...faces: readonly ShownFace[]): string {
  return pictureOf(...faces).toString('base64');
}
