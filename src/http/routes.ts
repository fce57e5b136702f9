/** The paths that the server knows: the calls, and what anybody may ask. */
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type EndpointName, endpoints, pathOf } from '../contract/endpoints.ts';
import { Refusal } from '../errors/refusals.ts';
import { answerCall, type CallParts } from './call.ts';
import { concludeAnswered } from './conclude.ts';
import type { Expectations } from './engine.ts';
import { accepted } from './envelope.ts';
import type { Enter } from './gate.ts';
import { type BodyLimits, lengthOf, readBody } from './read-body.ts';

/** What the paths lead to. */
export interface RouteParts {
  /** Lets callers in, from the heads of their requests. */
  readonly enter: Enter;
  readonly callParts: CallParts;
  readonly expectations: Expectations;
  readonly bodyLimits: BodyLimits;
  /** Resolves if the store and the networks can serve, else rejects with a text for the operator. */
  readonly checkReady: () => Promise<void>;
  /** The OpenAPI document, as JSON. */
  readonly openapi: string;
  readonly log: FastifyBaseLogger;
}

const names = Object.keys(endpoints) as EndpointName[];
const paths: ReadonlySet<string> = new Set(names.map(pathOf));

/** Whether it is the path of a call, whatever follows it in the url. */
export function isCall(url: string): boolean {
  return paths.has(url.split('?', 1)[0] as string);
}

/** Adds every path. */
export function addRoutes(http: FastifyInstance, parts: RouteParts): void {
  const { enter, callParts, expectations, bodyLimits } = parts;
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
}

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
function readiness({ checkReady, log }: RouteParts): () => Promise<string | Buffer> {
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
