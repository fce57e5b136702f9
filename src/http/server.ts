/** The HTTP server: sockets, routes and limits. Every answer, whatever goes wrong, is one envelope. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server as HttpListener } from 'node:http';
import type { Server as HttpsListener } from 'node:https';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Authentication } from '../auth/authenticate.ts';
import { createBudget } from '../concurrency/budget.ts';
import type { RateLeases } from '../concurrency/call-rates.ts';
import { Refusal } from '../errors/refusals.ts';
import { type AdmissionLimits, createAdmission, type Load } from './admission.ts';
import type { CallParts, CallRecord } from './call.ts';
import type { Certificates } from './certificates.ts';
import { concludeRefused, refuse } from './conclude.ts';
import { type ConnectionLimits, Connections } from './connections.ts';
import { allowOrigins } from './cors.ts';
import { Discards } from './discards.ts';
import { answerConnect, Expectations, originForm, refuseSocket } from './engine.ts';
import { openGate, refuseConnection } from './gate.ts';
import { serveHalfClosed } from './half-closed.ts';
import { createHttps } from './https.ts';
import { OperatorCalls } from './operator-calls.ts';
import { PictureQuotas } from './picture-quotas.ts';
import { beginRequest, logWhenOver, type OnOver, type RequestInFlight, RequestsInFlight } from './request.ts';
import { addRoutes, isCall } from './routes.ts';
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

/** The methods with which the engine would read a body. */
const methodsWithBody = ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY'];

/** Makes the server; nothing listens yet. */
export function createServer(parts: ServerParts): Server {
  const state = { isDraining: false };
  const http = openEngine(parts);
  const connections = new Connections(parts.connections);
  const admission = createAdmission(parts.admission);
  // What could never be held is too large, not to be sent again.
  const bodyLimits = { bytesMax: Math.min(parts.bodyBytesMax, parts.bodyMemoryMax), rateMin: parts.bodyRateMin };
  const [memory, quotas] = [createBudget(parts.bodyMemoryMax), new PictureQuotas(parts)];
  const enter = openGate({ ...parts, connections, admission, bodyLimits, memory, quotas });
  const inFlight = new RequestsInFlight();
  const expectations = new Expectations();
  const prepare = (listener: HttpListener, event: 'connection' | 'secureConnection'): void => {
    connections.watch(listener, event);
    answerConnect(listener);
    expectations.watch(listener);
  };
  prepare(http.server, 'connection');
  serveHalfClosed(http.server);
  addHooks(http, parts, { state, connections, inFlight });
  addRoutes(http, { ...parts, enter, callParts: { ...parts, admission }, expectations, bodyLimits });

  const listeners: HttpListener[] = [http.server];
  const drain = async (): Promise<void> => {
    state.isDraining = true;
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

/** The engine, which leaves bodies to the calls. */
function openEngine(parts: ServerParts): FastifyInstance {
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
  // Calls read their bodies themselves, and of what is no call of a proven caller nothing is read.
  for (const method of methodsWithBody) http.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  http.decorateRequest('endpoint', undefined);
  http.decorateRequest('caller', undefined);
  http.decorateRequest('holdings', undefined);
  http.decorateRequest('code', 0);
  http.decorateRequest('refusal', undefined);
  http.decorateRequest<CallRecord | null>('record', null);
  http.decorateRequest<WhenOver | null>('whenOver', null);
  return http;
}

/** What happens to every request, whether it is a call or not. */
function addHooks(http: FastifyInstance, parts: ServerParts, { state, connections, inFlight }: HookParts): void {
  const discards = new Discards();
  // Hooks that wait for nothing call back: a promise for each of them is a tenth of what a small call takes.
  http.addHook('onRequest', (request, reply, done) => {
    beginRequest(request, reply, parts.isTraced);
    inFlight.add(request, reply);
    if (state.isDraining) {
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
    const known = isCall(request.url);
    if (known) reply.header('allow', 'POST');
    return refuse(request, reply, new Refusal(known ? 'wrongMethod' : 'unknownPath'));
  });
}

interface HookParts {
  readonly state: { readonly isDraining: boolean };
  readonly connections: Connections;
  readonly inFlight: RequestsInFlight;
}
