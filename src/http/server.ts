/** The HTTP server: sockets, routes and limits. Every answer, whatever goes wrong, is one envelope. */
import { randomUUID } from 'node:crypto';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Authentication, authenticate } from '../auth/authenticate.ts';
import { type EndpointName, endpoints, pathOf } from '../contract/endpoints.ts';
import { Refusal } from '../errors/refusals.ts';
import { answerCall, type CallParts, type CallRecord } from './call.ts';
import { concludeAnswered, concludeRefused, refuse } from './conclude.ts';
import { Connections } from './connections.ts';
import { answerConnect, continueOnlyWhenWanted, originForm, refuseSocket } from './engine.ts';
import { accepted } from './envelope.ts';
import { serveHalfClosed } from './half-closed.ts';
import { beginRequest, logWhenOver, type RequestInFlight, RequestsInFlight } from './request.ts';

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
  /** The requests that are not answered yet, in the order they came. */
  inFlight(): readonly RequestInFlight[];
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
      beginRequest(request, reply);
      logWhenOver(request, reply);
      refuse(request, reply, error);
    },
  });
  const connections = new Connections(http.server);
  const inFlight = new RequestsInFlight();
  serveHalfClosed(http.server);
  answerConnect(http.server);
  continueOnlyWhenWanted(http, parts.bodyBytesMax);
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  http.decorateRequest('endpoint', undefined);
  http.decorateRequest('caller', undefined);
  http.decorateRequest('code', 0);
  http.decorateRequest('refusal', undefined);
  http.decorateRequest<CallRecord | null>('record', null);

  http.addHook('onRequest', async (request, reply) => {
    beginRequest(request, reply);
    inFlight.add(request, reply);
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
  http.get('/readyz', readiness(parts));
  http.get('/openapi.json', async () => parts.openapi);

  const drain = async (): Promise<void> => {
    draining = true;
    const closed = http.close();
    connections.close();
    await closed;
  };
  return {
    http,
    inFlight: () => inFlight.list(),
    drain,
    close: () => {
      const closed = drain();
      http.server.closeAllConnections();
      return closed;
    },
  };
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
  return concludeAnswered(parts, request, reply, data);
}

/** Answers whether the server is ready. Why it is not is for the log alone: anybody may ask. */
function readiness({ checkReady, log }: ServerParts): () => Promise<string> {
  let lastFault = '';
  return async () => {
    const fault = await checkReady().then(
      () => '',
      (error: Error) => error.message,
    );
    // Asked every few seconds, the same answer needs no line each time.
    if (fault !== lastFault && fault !== '') log.warn({ reason: fault }, 'not ready');
    if (fault !== lastFault && fault === '') log.info('ready again');
    lastFault = fault;
    if (fault !== '') throw new Refusal('unavailable');
    return accepted({});
  };
}

async function spend(limiter: RateLimiterMemory, appid: string): Promise<void> {
  try {
    await limiter.consume(appid);
  } catch (error) {
    if (error instanceof Error) throw error;
    throw new Refusal('tooManyRequests');
  }
}

/** Aborts when the client goes away before its answer was written. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
