/** The HTTP server: sockets, routes and limits. Every answer, whatever goes wrong, is one envelope. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server as HttpListener } from 'node:http';
import type { Server as HttpsListener } from 'node:https';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Authentication } from '../auth/authenticate.ts';
import { createBudget } from '../concurrency/budget.ts';
import type { RateLeases } from '../concurrency/call-rates.ts';
import { type EndpointName, endpoints, pathOf } from '../contract/endpoints.ts';
import { Refusal } from '../errors/refusals.ts';
import { type AdmissionLimits, createAdmission, type Load } from './admission.ts';
import { answerCall, type CallParts, type CallRecord } from './call.ts';
import type { Certificates } from './certificates.ts';
import { concludeAnswered, concludeRefused, refuse } from './conclude.ts';
import { type ConnectionLimits, Connections } from './connections.ts';
import { allowOrigins } from './cors.ts';
import { Discards } from './discards.ts';
import { answerConnect, Expectations, originForm, refuseSocket } from './engine.ts';
import { accepted } from './envelope.ts';
import { openGate, refuseConnection } from './gate.ts';
import { serveHalfClosed } from './half-closed.ts';
import { createHttps } from './https.ts';
import { OperatorCalls } from './operator-calls.ts';
import { PictureQuotas } from './picture-quotas.ts';
import { type BodyLimits, lengthOf, readBody } from './read-body.ts';
import { beginRequest, logWhenOver, type OnOver, type RequestInFlight, RequestsInFlight } from './request.ts';
import type { WhenOver } from './when-over.ts';

/** What the server is made of. */
export interface ServerParts extends Omit<CallParts, 'admission'> {
  readonly authentication: Authentication;
  /** The largest body, in bytes. */
  readonly bodyBytesMax: number;
  /** Bytes of bodies and pictures that are in memory, those of all calls together. */
  readonly bodyMemoryMax: number;
  /** Bytes a second that a body must bring at least; 0 for no limit. */
  readonly bodyRateMin: number;
  readonly connections: ConnectionLimits;
  /** Who is let in. */
  readonly admission: AdmissionLimits;
  /** The calls of a second, if other servers count them, too. */
  readonly callRates?: RateLeases | undefined;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The origins whose pages may read answers, `*` for all; none if empty. */
  readonly corsOrigins: readonly string[];
  /** Resolves if the store and the networks can serve, else rejects with a text for the operator. */
  readonly checkReady: () => Promise<void>;
  /** The OpenAPI document, as JSON. */
  readonly openapi: string;
  readonly onOver?: OnOver;
  /** Whether {@link onOver} is told of each stage by itself. */
  readonly isTraced?: boolean;
  readonly log: FastifyBaseLogger;
}

/** A server that can be told to finish. */
export interface Server {
  readonly http: FastifyInstance;
  /** Makes a listener for https, which the caller has listen; {@link drain} and {@link close} close it, too. */
  openHttps(certificates: Certificates): Promise<HttpsListener>;
  /** The requests that are not answered yet, in the order they came. */
  inFlight(): readonly RequestInFlight[];
  /** How much the calls that were let in have in flight. */
  load(): Load;
  /** What operators do for appids. */
  readonly operatorCalls: OperatorCalls;
  /** Refuses new requests, lets those in flight finish, then closes every connection. */
  drain(): Promise<void>;
  /** Refuses new requests and closes every connection now, whatever is in flight on it. */
  close(): Promise<void>;
}

/** Makes the server; nothing listens yet. */
export function createServer(parts: ServerParts): Server {
  let draining = false;
  const http = fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    genReqId: () => randomUUID(),
    childLoggerFactory: (logger) => logger,
    requestTimeout: parts.requestTimeoutMs,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Left to itself, the engine answers a request without a Host header with no body at all.
    http: { requireHostHeader: false },
    rewriteUrl: (request) => originForm(request.url ?? '/'),
    clientErrorHandler: (error, socket) => refuseSocket(error, socket),
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => {
      beginRequest(request, reply, parts.isTraced);
      logWhenOver(request, reply, parts.onOver);
      refuse(request, reply, error);
    },
  });
  const connections = new Connections(parts.connections);
  const admission = createAdmission(parts.admission);
  const callParts: CallParts = { ...parts, admission };
  // What could never be held is too large, not to be sent again.
  const bodyLimits = { bytesMax: Math.min(parts.bodyBytesMax, parts.bodyMemoryMax), rateMin: parts.bodyRateMin };
  const [memory, quotas] = [createBudget(parts.bodyMemoryMax), new PictureQuotas(parts)];
  const enter = openGate({ ...parts, connections, admission, bodyLimits, memory, quotas });
  const inFlight = new RequestsInFlight();
  const discards = new Discards();
  const expectations = new Expectations();
  const prepare = (listener: HttpListener, event: 'connection' | 'secureConnection'): void => {
    connections.watch(listener, event);
    answerConnect(listener);
    expectations.watch(listener);
  };
  prepare(http.server, 'connection');
  serveHalfClosed(http.server);
  // Calls read their bodies themselves, and of what is no call of a proven caller nothing is read.
  for (const method of methodsWithBody) http.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  http.decorateRequest('endpoint', undefined);
  http.decorateRequest('caller', undefined);
  http.decorateRequest('holdings', undefined);
  http.decorateRequest('code', 0);
  http.decorateRequest('refusal', undefined);
  http.decorateRequest<CallRecord | null>('record', null);
  http.decorateRequest<WhenOver | null>('whenOver', null);

  // Hooks that wait for nothing call back: a promise for each of them is a tenth of what a small call takes.
  http.addHook('onRequest', (request, reply, done) => {
    beginRequest(request, reply, parts.isTraced);
    inFlight.add(request, reply);
    if (draining) {
      reply.header('connection', 'close');
      throw new Refusal('unavailable', 'the server is shutting down');
    }
    if (connections.isSpare(request.raw.socket)) refuseConnection(reply);
    done();
  });
  http.addHook('onSend', (request, reply, payload, done) => {
    if (!request.raw.complete) discards.add(request.raw);
    logWhenOver(request, reply, parts.onOver);
    done(null, payload);
  });
  // After the hook above, which begins each request.
  if (parts.corsOrigins.length > 0) allowOrigins(http, parts.corsOrigins);
  http.setErrorHandler((error, request, reply) => concludeRefused(parts, request, reply, error));
  http.setNotFoundHandler((request, reply) => {
    const known = paths.has(request.url.split('?', 1)[0] as string);
    if (known) reply.header('allow', 'POST');
    return refuse(request, reply, new Refusal(known ? 'wrongMethod' : 'unknownPath'));
  });

  for (const name of names) {
    http.post(pathOf(name), {
      onRequest: (request, reply, done) => {
        const entered = enter(name, request, reply);
        if (entered === undefined) done();
        else entered.then(() => done(), done);
      },
      handler: (request, reply) => {
        expectations.meet(request.raw, reply.raw, bodyLimits.bytesMax);
        return serve(name, callParts, bodyLimits, request, reply);
      },
    });
  }
  http.get('/healthz', async () => accepted({}));
  http.get('/readyz', readiness(parts));
  http.get('/openapi.json', async () => parts.openapi);

  const listeners: HttpListener[] = [http.server];
  const drain = async (): Promise<void> => {
    draining = true;
    const secure = listeners.slice(1).map((listener) => listener.listening && once(listener.close(), 'close'));
    const closed = http.close();
    connections.close();
    await Promise.all([closed, ...secure]);
  };
  return {
    http,
    openHttps: async (certificates) => {
      await http.ready();
      const listener = createHttps(http, certificates);
      listener.on('clientError', refuseSocket);
      prepare(listener, 'secureConnection');
      listeners.push(listener);
      return listener;
    },
    inFlight: () => inFlight.list(),
    load: () => admission.load(),
    operatorCalls: new OperatorCalls({ ...parts, keys: parts.authentication.keys, bodyLimits, memory, quotas }),
    drain,
    close: () => {
      const closed = drain();
      for (const listener of listeners) listener.closeAllConnections();
      return closed;
    },
  };
}

const names = Object.keys(endpoints) as EndpointName[];
/** The methods with which the engine would read a body. */
const methodsWithBody = ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY'];
const paths: ReadonlySet<string> = new Set(names.map(pathOf));

async function serve(
  endpoint: EndpointName,
  parts: CallParts,
  limits: BodyLimits,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | Buffer> {
  const { caller, holdings, record, id } = request;
  if (caller === undefined || holdings === undefined) throw new Error('a handler ran without a caller');
  const contentType = request.headers['content-type'];
  const signal = () => signalOf(request, reply);
  const call = { endpoint, caller, holdings, contentType, id, record, signal };
  // Handed on and not kept, so that nothing of the body outlives its parsing.
  const answering = readBody(request.raw, lengthOf(request.headers), holdings.lease, limits).then(
    (body) => answerCall(call, body, parts),
    (error: unknown) => {
      // What is left of the body stands where the next request would be.
      reply.header('connection', 'close');
      throw error;
    },
  );
  return concludeAnswered(parts, request, reply, await answering);
}

/** Answers whether the server is ready. Why it is not is for the log alone: anybody may ask. */
function readiness({ checkReady, log }: ServerParts): () => Promise<string | Buffer> {
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

/** Aborts when the client goes away before its answer was written. */
function signalOf({ whenOver }: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (!reply.raw.writableFinished) controller.abort();
  };
  if (whenOver.disposed) abort();
  else whenOver.defer(abort);
  return controller.signal;
}
