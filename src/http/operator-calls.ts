/** What operators do for an appid: by the functions, within the limits and with the counting of the face API, but behind its calls. */
import type { FastifyBaseLogger } from 'fastify';
import type { KeyStore } from '../auth/keys.ts';
import type { Budget, Lease } from '../concurrency/budget.ts';
import type { EndpointName } from '../contract/endpoints.ts';
import { refusals } from '../contract/refusals.ts';
import type { PictureSource, RequestContext } from '../domain/context.ts';
import type { Analysis, FaceAnalyzer } from '../domain/face-analyzer.ts';
import type { Act, AskedIds } from '../domain/stores.ts';
import { faults, type Refusal, type RefusalName } from '../errors/refusals.ts';
import type { AdmittedCall } from './admission.ts';
import { mayBeTold } from './audited.ts';
import { Busy } from './busy.ts';
import { type CallParts, CallRecord, contextOf } from './call.ts';
import { asRefusal } from './conclude.ts';
import type { PictureQuotas } from './picture-quotas.ts';
import { pictureSource } from './pictures.ts';
import type { BodyLimits } from './read-body.ts';

/** The key that the calls of operators are counted under: no SecretId can be spelled so. */
export const operatorsKey = '(operator)';
/** The party of all operators, where appids take turns and share memory. */
const party = '(operators)';
/** How many calls of operators are in flight at once; each holds a picture or two. */
const callsMax = 16;
/** How long a picture waits for a worker that no caller wants, in milliseconds. */
const patienceMs = 60_000;

/** What operators' calls work with. */
export interface OperatorCallParts extends Omit<CallParts, 'admission'> {
  readonly keys: Pick<KeyStore, 'findTenant'>;
  readonly quotas: PictureQuotas;
  /** Bytes of bodies and pictures that are in memory, those of all calls together. */
  readonly memory: Budget;
  /** What bounds the body that pictures come in; a picture may be as large as it. */
  readonly bodyLimits: BodyLimits;
  readonly log: FastifyBaseLogger;
}

/** A call of an operator. */
export interface OperatorCall {
  readonly appid: string;
  /** The endpoint that it is counted as. */
  readonly endpoint: EndpointName;
  readonly operator: string;
  /** The operation, for the audit. */
  readonly action: string;
  readonly requestId: string;
  /** The ids that it names, for the audit. */
  readonly asked: AskedIds;
  /** Each alone in memory: they are handed over. */
  readonly pictures: readonly Uint8Array[];
  /** Holds them. */
  readonly lease: Lease;
  /** Aborts when the operator goes away. */
  readonly signal: AbortSignal;
}

/** What came of a call. */
export interface OperatorAnswer<T> {
  /** Undefined if it was refused. */
  readonly result: T | undefined;
  readonly refusal: Refusal | undefined;
  /** What was found in each picture; undefined where it could not be analysed, or was not. */
  readonly analyses: readonly (Analysis<never> | undefined)[];
}

/** Nothing of an operator's call is foreseen: it keeps no caller waiting. */
const unforeseen: AdmittedCall = {
  found() {},
  waited() {},
  analyzed() {},
  compared() {},
  downloaded() {},
  done() {},
  [Symbol.dispose]() {},
};

/** Makes the calls of operators. */
export class OperatorCalls {
  readonly #parts: OperatorCallParts;
  #inFlight = 0;

  constructor(parts: OperatorCallParts) {
    this.#parts = parts;
  }

  /** What bounds a body with pictures. */
  get bodyLimits(): BodyLimits {
    return this.#parts.bodyLimits;
  }

  /** Memory for a body; it is part of what all bodies may take. */
  lease(): Lease {
    return this.#parts.memory.lease(party);
  }

  /**
   * Makes a call, counts it, and has the audit tell of it.
   * @returns undefined if there is no such appid.
   * @throws Busy if too much is in flight, or the appid has no pictures left in the month; else what is no refusal.
   */
  async make<T>(
    call: OperatorCall,
    work: (context: RequestContext, pictures: readonly PictureSource[]) => Promise<T>,
  ): Promise<OperatorAnswer<T> | undefined> {
    const tenant = await this.#parts.keys.findTenant(call.appid);
    if (tenant === undefined) return undefined;
    if (this.#inFlight >= callsMax) throw new Busy('calls of operators in flight');
    this.#inFlight += 1;
    try {
      const { picturesPerMonthMax } = this.#parts.limitsOf(tenant);
      const record = new CallRecord();
      using month =
        picturesPerMonthMax === undefined || call.pictures.length === 0
          ? undefined
          : await this.#parts.quotas.begin(
              call.appid,
              picturesPerMonthMax,
              call.pictures.length,
              () => record.pictures,
            );
      const holdings = { appid: party, lease: call.lease, admitted: unforeseen, month, isBackground: true };
      const { appid, endpoint, signal } = call;
      const key = { secretId: operatorsKey, appid, createdAt: 0, revokedAt: null };
      const faceCall = {
        ...{ endpoint, holdings, record, by: byOf(call), id: call.requestId },
        ...{ caller: { appid, bucket: '', tenant, key }, contentType: undefined, signal: () => signal },
      };
      const recogniser = await this.#parts.recogniser();
      const context = contextOf(faceCall, { ...this.#parts, admission: { patienceMs } }, recogniser);
      const watched = new WatchedPictures(
        call.pictures.map((bytes) => pictureSource({ bytes }, this.#parts.downloads, holdings, () => {})),
        context,
      );
      return await this.#conclude(call, record, watched, () => work(watched.context, watched.sources));
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #conclude<T>(
    call: OperatorCall,
    record: CallRecord,
    { analyses }: WatchedPictures,
    work: () => Promise<T>,
  ): Promise<OperatorAnswer<T>> {
    try {
      const result = await work();
      await this.#count(call, record, undefined);
      return { result, refusal: undefined, analyses };
    } catch (error) {
      const refusal = asRefusal(error);
      await this.#count(call, record, refusal.refusal);
      if (faults.has(refusal.refusal)) {
        this.#parts.log.error({ err: refusal.cause ?? error, id: call.requestId }, refusal.message);
      }
      if (error !== refusal || refusal.refusal === 'tooManyRequests') throw error;
      return { result: undefined, refusal, analyses };
    }
  }

  /** Counts a call durably, unless what it wrote has counted it. Never rejects: what was done is done. */
  async #count(call: OperatorCall, record: CallRecord, refusal: RefusalName | undefined): Promise<void> {
    if (record.isCounted) return;
    const { usage, day, log } = this.#parts;
    const { appid, endpoint, requestId, asked } = call;
    const { pictures, faces } = record;
    const code = refusal === undefined ? 0 : refusals[refusal].code;
    const audited = mayBeTold(refusal) ? { requestId, ids: asked, by: byOf(call) } : undefined;
    await usage
      .count({ appid, day: day(), secretId: operatorsKey, endpoint, code, pictures, faces }, audited)
      .catch((err: unknown) => log.error({ err, id: requestId }, 'the call of an operator could not be counted'));
  }
}

function byOf({ operator, action }: OperatorCall): Pick<Act, 'kind' | 'actor' | 'action'> {
  return { kind: 'operator', actor: operator, action };
}

/** Pictures of which it is known afterwards what was found in each. */
class WatchedPictures {
  readonly sources: readonly PictureSource[];
  readonly context: RequestContext;
  readonly analyses: (Analysis<never> | undefined)[];

  constructor(sources: readonly PictureSource[], context: RequestContext) {
    const indexOf = new WeakMap<Uint8Array, number>();
    this.analyses = sources.map(() => undefined);
    this.sources = sources.map((source, i) => ({
      open: async (signal) => {
        const bytes = await source.open(signal);
        indexOf.set(bytes, i);
        return bytes;
      },
    }));
    const { analyzer } = context;
    const analyze: FaceAnalyzer['analyze'] = async (bytes, options) => {
      const index = indexOf.get(bytes);
      const analysis = await analyzer.analyze(bytes, options);
      if (index !== undefined) this.analyses[index] = analysis;
      return analysis;
    };
    const { store, limits, newFaceId, qualityMin, resembling, signal } = context;
    this.context = {
      ...{ store, limits, newFaceId, qualityMin, resembling, signal },
      analyzer: Object.create(analyzer, { analyze: { value: analyze } }) as FaceAnalyzer,
      get gallery() {
        return context.gallery;
      },
      onResembling: (likenesses) => context.onResembling(likenesses),
      onSeen: (faceId) => context.onSeen(faceId),
      onAnalysis: (analysis) => context.onAnalysis(analysis),
    };
  }
}
