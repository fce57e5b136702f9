/** The HTTP server: sockets, routes and limits. Every answer, whatever goes wrong, is one envelope. */
import { randomUUID } from 'node:crypto';
import { finished } from 'node:stream';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Authentication, authenticate, type Caller } from '../auth/authenticate.ts';
import { type EndpointName, endpoints, pathOf } from '../contract/endpoints.ts';
import { refusals } from '../contract/refusals.ts';
import { EnrolmentRefusal } from '../domain/enrolment.ts';
import { faults, Refusal, type RefusalName } from '../errors/refusals.ts';
import { answerCall, type CallParts, CallRecord } from './call.ts';
import { Connections } from './connections.ts';
import { continueOnlyWhenWanted, originForm, refuseSocket } from './engine.ts';
import { accepted, envelopeType, refused } from './envelope.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The endpoint that the route belongs to, if it is one of the face API. */
    endpoint: EndpointName | undefined;
    /** Set once the signature has been checked. */
    caller: Caller | undefined;
    record: CallRecord;
    /** The envelope's code, for the log. */
    code: number;
    /** Why the call was refused, for the log: several reasons share a code. */
    refusal: RefusalName | undefined;
  }
}

/** What the server is made of. */
export interface ServerParts extends CallParts {
  readonly authentication: Authentication;
  /** The largest body, in bytes. */
  readonly bodyBytesMax: number;
  /** Calls a second of one appid; 0 for no limit. */
  readonly callsPerSecondMax: number;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Resolves if the store and the networks can serve, else rejects with a text for the operator. */
  readonly checkReady: () => Promise<void>;
  /** The OpenAPI document, as JSON. */
  readonly openapi: string;
  readonly log: FastifyBaseLogger;
}

/** A server that can be told to finish. */
export interface Server {
  readonly http: FastifyInstance;
  /** Refuses new requests, lets those in flight finish, then closes every connection. */
  drain(): Promise<void>;
  /** Refuses new requests and closes every connection now, whatever is in flight on it. */
  close(): Promise<void>;
}

/** Makes the server; nothing listens yet. */
export function createServer(parts: ServerParts): Server {
  let draining = false;
  const limiter =
    parts.callsPerSecondMax > 0 ? new RateLimiterMemory({ points: parts.callsPerSecondMax, duration: 1 }) : undefined;
  const http = fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    genReqId: () => randomUUID(),
    bodyLimit: parts.bodyBytesMax,
    requestTimeout: parts.requestTimeoutMs,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Left to itself, the engine answers a request without a Host header with no body at all.
    http: { requireHostHeader: false },
    rewriteUrl: (request) => originForm(request.url ?? '/'),
    clientErrorHandler: (error, socket) => refuseSocket(error, socket),
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => {
      begin(request, reply);
      logWhenOver(request, reply);
      refuse(request, reply, error);
    },
  });
  const connections = new Connections(http.server);
  continueOnlyWhenWanted(http, parts.bodyBytesMax);
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  http.decorateRequest('endpoint', undefined);
  http.decorateRequest('caller', undefined);
  http.decorateRequest('code', 0);
  http.decorateRequest('refusal', undefined);
  http.decorateRequest<CallRecord | null>('record', null);

  http.addHook('onRequest', async (request, reply) => {
    begin(request, reply);
    if (draining) {
      reply.header('connection', 'close');
      throw new Refusal('unavailable', 'the server is shutting down');
    }
  });
  http.addHook('onSend', async (request, reply, payload) => {
    logWhenOver(request, reply);
    return payload;
  });
  http.setErrorHandler((error, request, reply) => concludeRefused(parts, request, reply, error));
  http.setNotFoundHandler((request, reply) => {
    const known = paths.has(request.url.split('?', 1)[0] as string);
    if (known) reply.header('allow', 'POST');
    return refuse(request, reply, new Refusal(known ? 'wrongMethod' : 'unknownPath'));
  });

  for (const name of names) {
    http.post(pathOf(name), {
      onRequest: async (request) => {
        const start = performance.now();
        request.endpoint = name;
        request.caller = await authenticate(request.headers.authorization, parts.authentication);
        if (limiter !== undefined) await spend(limiter, request.caller.appid);
        request.record.addStage('auth', performance.now() - start);
      },
      handler: (request, reply) => serve(name, parts, request, reply),
    });
  }
  http.get('/healthz', async () => accepted({}));
  http.get('/readyz', async () => {
    await parts.checkReady().catch((error: Error) => {
      throw error instanceof Refusal ? error : new Refusal('unavailable', error.message);
    });
    return accepted({});
  });
  http.get('/openapi.json', async () => parts.openapi);

  const drain = async (): Promise<void> => {
    draining = true;
    const closed = http.close();
    connections.close();
    await closed;
  };
  return {
    http,
    drain,
    close: () => {
      const closed = drain();
      http.server.closeAllConnections();
      return closed;
    },
  };
}

/** What every request begins with. */
function begin(request: FastifyRequest, reply: FastifyReply): void {
  request.record = new CallRecord();
  reply.header('x-request-id', request.id).header('content-type', envelopeType);
}

const names = Object.keys(endpoints) as EndpointName[];
const paths: ReadonlySet<string> = new Set(names.map(pathOf));

async function serve(
  endpoint: EndpointName,
  parts: ServerParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { caller, record } = request;
  if (caller === undefined) throw new Error('a handler ran without a caller');
  const data = await answerCall(
    {
      endpoint,
      caller,
      contentType: request.headers['content-type'],
      body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      id: request.id,
      signal: signalOf(reply),
      record,
    },
    parts,
  );
  await count(parts, request, true);
  tellQuality(request, reply);
  return reply.send(accepted(data));
}

/** Answers a refusal, counting the call if its caller is known. */
async function concludeRefused(
  parts: ServerParts,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  if (error instanceof EnrolmentRefusal) request.record.qualities = error.qualities;
  await count(parts, request, false);
  tellQuality(request, reply);
  return refuse(request, reply, error);
}

/** Says in a header how good each face is that was to be enrolled, in the order of the pictures: `83, 31; blurred, -`. */
function tellQuality(request: FastifyRequest, reply: FastifyReply): void {
  const { qualities } = request.record;
  if (qualities.every((quality) => quality === undefined)) return;
  const said = qualities.map((quality) => {
    if (quality === undefined) return '-';
    return quality.fault === undefined ? `${quality.score}` : `${quality.score}; ${quality.fault}`;
  });
  reply.header('x-face-quality', said.join(', '));
}

/** A call is counted durably before it is answered; one whose caller is not proven is nobody's. */
async function count(parts: ServerParts, request: FastifyRequest, ok: boolean): Promise<void> {
  const { endpoint, caller } = request;
  if (endpoint === undefined || caller === undefined) return;
  const { appid } = caller;
  const { pictures, faces } = request.record;
  const start = performance.now();
  try {
    await parts.usage.count({ appid, month: parts.month(), endpoint, ok, pictures, faces });
  } catch (error) {
    // What the call did is done and durable: to answer an error now would lie about it.
    request.log.error({ err: error }, 'the call could not be counted');
  }
  request.record.addStage('count', performance.now() - start);
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const refusal = asRefusal(error);
  const { code, status } = refusals[refusal.refusal];
  request.code = code;
  request.refusal = refusal.refusal;
  if (faults.has(refusal.refusal)) {
    request.log.error({ err: refusal.cause ?? error }, refusal.message);
  }
  return reply.code(status).header('content-type', envelopeType).send(refused(refusal));
}

/** Refusals are themselves; what the HTTP engine found wrong has a code too; anything else is a bug. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // The client is gone and reads no answer; the code is for the log and the count.
  if ((error as Error).name === 'AbortError') return new Refusal('invalidRequest', 'the client went away');
  const status = (error as FastifyError).statusCode;
  if (status === refusals.bodyTooLarge.status) return new Refusal('bodyTooLarge');
  if (status === refusals.unknownPath.status) return new Refusal('unknownPath');
  if (status !== undefined && status < 500) return new Refusal('invalidRequest');
  return new Refusal('internal', '', { cause: error });
}

async function spend(limiter: RateLimiterMemory, appid: string): Promise<void> {
  try {
    await limiter.consume(appid);
  } catch (error) {
    if (error instanceof Error) throw error;
    throw new Refusal('tooManyRequests');
  }
}

/** Logs a request when its answer is made and out, or its client gone: the engine's own hook leaves out those who go. */
function logWhenOver(request: FastifyRequest, reply: FastifyReply): void {
  finished(reply.raw, () => logLine(request, reply));
}

function logLine(request: FastifyRequest, reply: FastifyReply): void {
  request.log.info({
    endpoint: request.endpoint ?? null,
    appid: request.caller?.appid ?? null,
    code: request.code,
    ...(request.refusal !== undefined && { refusal: request.refusal }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 100) / 100,
    stages: request.record.stages,
  });
}

/** Aborts when the client goes away before its answer was written. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
