/** What the server records of a request while it is in flight, and its line in the log when it is over. */
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/authenticate.ts';
import { Slots } from '../concurrency/slots.ts';
import type { EndpointName } from '../contract/endpoints.ts';
import type { SearchPlace } from '../domain/gallery.ts';
import type { RefusalName } from '../errors/refusals.ts';
import type { Holdings } from './analysis.ts';
import { CallRecord, type StageTime } from './call.ts';
import { envelopeType } from './envelope.ts';
import { WhenOver } from './when-over.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The endpoint that the route belongs to, if it is one of the face API. */
    endpoint: EndpointName | undefined;
    /** Set once the signature has been checked. */
    caller: Caller | undefined;
    /** Disposed of when the request is answered, or its client gone. */
    whenOver: WhenOver;
    /** Set once the call is let in. */
    holdings: Holdings | undefined;
    record: CallRecord;
    /** The envelope's code, for the log. */
    code: number;
    /** Why the call was refused, for the log: several reasons share a code. */
    refusal: RefusalName | undefined;
  }
}

/** A request that is not answered yet. */
export interface RequestInFlight {
  /** `newperson`, or the path of what is no endpoint. */
  readonly name: string;
  /** Milliseconds since it came. */
  readonly ms: number;
}

/** The requests that are not answered yet. */
export class RequestsInFlight {
  readonly #replies = new Slots<FastifyReply>();

  /** Adds a request until it is answered or its client is gone. */
  add(request: FastifyRequest, reply: FastifyReply): void {
    const slot = this.#replies.put(reply);
    request.whenOver.defer(() => this.#replies.take(slot));
  }

  /** In the order they came. */
  list(): readonly RequestInFlight[] {
    return this.#replies
      .list()
      .map((reply) => ({ request: reply.request, ms: reply.elapsedTime }))
      .sort((a, b) => b.ms - a.ms)
      .map(({ request, ms }) => ({
        name: request.endpoint ?? request.url.split('?', 1)[0] ?? '',
        ms: Math.round(ms),
      }));
  }
}

/** A request that is over; also its line in the log. */
export interface RequestSummary {
  readonly id: string;
  /** Null for what is no endpoint of the face API. */
  readonly endpoint: EndpointName | null;
  readonly appid: string | null;
  readonly code: number;
  readonly refusal: RefusalName | undefined;
  /** Why pictures could not be fetched. */
  readonly downloads: readonly string[] | undefined;
  readonly status: number;
  readonly ms: number;
  /** Where faces were searched. */
  readonly searched: SearchPlace | undefined;
  /** Milliseconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
}

/** What a trace is made of, besides the summary. */
export interface TraceSource {
  /** The headers that say which trace the request is a part of. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly method: string;
  readonly times: readonly StageTime[];
  /** When the request is over, in milliseconds of `performance.now()`. */
  readonly endedAt: number;
}

/** A request that is over, with how many pictures were analysed and faces found. */
export interface RequestOver extends RequestSummary {
  readonly pictures: number;
  readonly faces: number;
  /** Undefined where requests are not traced. */
  readonly trace: TraceSource | undefined;
}

/** Called when a request is over. */
export type OnOver = (request: RequestOver) => void;

/** What every request begins with. */
export function beginRequest(request: FastifyRequest, reply: FastifyReply, isTraced = false): void {
  request.record = new CallRecord();
  if (isTraced) request.record.times = [];
  const whenOver = new WhenOver();
  request.whenOver = whenOver;
  // It comes after each answer, too; the stream's own way to wait for the end of one adds a dozen listeners.
  reply.raw.on('close', () => whenOver[Symbol.dispose]());
  reply.header('x-request-id', request.id).header('content-type', envelopeType);
}

/** Logs a request when its answer is made and out, or its client gone: the engine's own hook leaves out those who go. */
export function logWhenOver(request: FastifyRequest, reply: FastifyReply, onOver: OnOver = () => {}): void {
  const tell = (): void => {
    const summary = summaryOf(request, reply);
    request.log.info(summary);
    const { pictures, faces, times } = request.record;
    onOver({ ...summary, pictures, faces, trace: times && traceOf(request, times) });
  };
  if (request.whenOver.disposed) tell();
  else request.whenOver.defer(tell);
}

/** The log for what concerns one request. The engine makes none for each, of which most write a single line. */
export function logOf({ log, id }: FastifyRequest): FastifyBaseLogger {
  return log.child({ id });
}

function traceOf({ headers, method }: FastifyRequest, times: readonly StageTime[]): TraceSource {
  const { traceparent, tracestate } = headers;
  return { headers: { traceparent, tracestate }, method, times, endedAt: performance.now() };
}

function summaryOf(request: FastifyRequest, reply: FastifyReply): RequestSummary {
  const { stages, downloadFaults, searched } = request.record;
  return {
    id: request.id,
    endpoint: request.endpoint ?? null,
    appid: request.caller?.appid ?? null,
    code: request.code,
    // What is undefined is not written.
    refusal: request.refusal,
    searched,
    downloads: downloadFaults.length > 0 ? downloadFaults : undefined,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 100) / 100,
    stages,
  };
}
