/** Sends a trace of each request to a collector, by OTLP over HTTP. Loaded only where an endpoint is set. */
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';

/** A stage of a request, or a part of one. */
export interface TracedStage {
  readonly stage: string;
  readonly ms: number;
  /** When it ended, in milliseconds of `performance.now()`. */
  readonly endedAt: number;
}

/** A request that is over. */
export interface TracedRequest {
  readonly id: string;
  /** Null for what is no endpoint of the face API. */
  readonly endpoint: string | null;
  /** The envelope's code. */
  readonly code: number;
  /** Why it was refused. */
  readonly refusal?: string | undefined;
  /** Of HTTP. */
  readonly status: number;
  readonly ms: number;
  readonly pictures: number;
  readonly faces: number;
  /** Undefined if it is not to be traced. */
  readonly trace:
    | {
        /** `traceparent` and `tracestate`, as received. */
        readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
        readonly method: string;
        readonly times: readonly TracedStage[];
        /** When it was over, in milliseconds of `performance.now()`. */
        readonly endedAt: number;
      }
    | undefined;
}

/** Where traces go, and who hears of it. */
export interface TracesOptions {
  /** The collector's url, to which `/v1/traces` is added. */
  readonly endpoint: string;
  /** The program's. */
  readonly version: string;
  /** Told once that traces cannot be delivered, and with undefined that they can again. */
  readonly onFault: (error: unknown) => void;
}

/** Traces that are sent, some at a time. Disposing sends what waits, for as long as {@link closingMs}. */
export interface Traces extends AsyncDisposable {
  /** Takes a request that is over; it never throws and waits for nothing. */
  record(request: TracedRequest): void;
}

/** How long a batch is gathered, in milliseconds. */
const gatherMs = 1_000;
/** The longest that a delivery may take, in milliseconds. */
const deliveryMs = 5_000;
/** The longest that what waits may take when the server closes, in milliseconds: a collector may be away. */
const closingMs = 2_000;

/** Opens the way to a collector; whether there is one is not asked. */
export function openTraces({ endpoint, version, onFault }: TracesOptions): Traces {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new TellingExporter(new OTLPTraceExporter({ url, timeoutMillis: deliveryMs }), onFault);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'familiar', 'service.version': version }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: gatherMs, exportTimeoutMillis: deliveryMs }),
    ],
  });
  const tracer = provider.getTracer('familiar', version);
  const propagator = new W3CTraceContextPropagator();
  return {
    record(request) {
      if (request.trace === undefined) return;
      const { headers } = request.trace;
      const parent = propagator.extract(ROOT_CONTEXT, headers, headersGetter);
      recordRequest(tracer, parent, request, request.trace);
    },
    async [Symbol.asyncDispose]() {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, closingMs);
      await Promise.race([provider.shutdown().catch(onFault), late.promise]);
      clearTimeout(timer);
    },
  };
}

const headersGetter = {
  keys: (headers: object) => Object.keys(headers),
  get: (headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) => {
    const value = headers[name];
    return typeof value === 'string' || value === undefined ? value : [...value];
  },
};

/** Makes the span of a request and those of its stages. No appid, no id of a person, no name and no picture is in them. */
function recordRequest(
  tracer: Tracer,
  parent: Context,
  { id, endpoint, code, refusal, status, ms, pictures, faces }: TracedRequest,
  { method, times, endedAt }: NonNullable<TracedRequest['trace']>,
): void {
  const route = endpoint === null ? undefined : `/face/${endpoint}`;
  const span = tracer.startSpan(
    route === undefined ? method : `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      startTime: momentOf(endedAt - ms),
      attributes: {
        'http.request.method': method,
        ...(route !== undefined && { 'http.route': route }),
        'http.response.status_code': status,
        'familiar.request_id': id,
        'familiar.code': code,
        ...(refusal !== undefined && { 'familiar.refusal': refusal }),
        'familiar.pictures': pictures,
        'familiar.faces': faces,
      },
    },
    parent,
  );
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  const inside = trace.setSpan(parent, span);
  for (const { stage, ms: stageMs, endedAt: stageEnd } of times) {
    tracer.startSpan(stage, { startTime: momentOf(stageEnd - stageMs) }, inside).end(momentOf(stageEnd));
  }
  span.end(momentOf(endedAt));
}

/** Milliseconds since 1970 of a moment of `performance.now()`. */
function momentOf(ms: number): number {
  return performance.timeOrigin + ms;
}

/** Says once that traces cannot be delivered, and once that they can again. */
class TellingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onFault: (error: unknown) => void;
  #hasFailed = false;

  constructor(exporter: SpanExporter, onFault: (error: unknown) => void) {
    this.#exporter = exporter;
    this.#onFault = onFault;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#exporter.export(spans, (result) => {
      const { code, error } = result;
      const fails = code !== 0;
      if (fails !== this.#hasFailed)
        this.#onFault(fails ? (error ?? new Error('the collector refuses traces')) : undefined);
      this.#hasFailed = fails;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }
}
