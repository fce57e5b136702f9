/** The life of one call of the face API, from a proven caller and a buffered body to its answer. */
import type { Caller } from '../auth/authenticate.ts';
import type { Endpoint } from '../contract/endpoint.ts';
import { type EndpointName, endpoints } from '../contract/endpoints.ts';
import { type RawBody, readImages, readInput, readTarget } from '../contract/input.ts';
import type { RequestContext, ResemblingRule } from '../domain/context.ts';
import type { Qualities } from '../domain/enrolment.ts';
import type { Analysis, FaceAnalyzer, Likeness } from '../domain/face-analyzer.ts';
import type { Gallery, SearchPlace } from '../domain/gallery.ts';
import type { Act, CallWrites, CountedCall, Limits, Store, UsageLedger } from '../domain/stores.ts';
import { Refusal } from '../errors/refusals.ts';
import type { Admission } from './admission.ts';
import { analyzerFor, type Holdings } from './analysis.ts';
import type { AuditLevel } from './audited.ts';
import { parseBody } from './body.ts';
import type { Downloads } from './download.ts';
import { type Call, handlers } from './handlers.ts';
import type { LimitsOf } from './limits.ts';
import { pictureSource, separatePictures } from './pictures.ts';

/** Face analysis and search of one model: a call has one from its beginning to its end. */
export interface Recogniser {
  readonly analyzer: FaceAnalyzer;
  /** The gallery of one appid. */
  galleryOf(appid: string): Gallery;
}

/** What calls work with; made once, by the composition root. */
export interface CallParts {
  /** The registry of one appid, for one call. */
  readonly storeOf: (appid: string, writes: CallWrites) => Store;
  /** What a call with pictures that begins now works with. */
  readonly recogniser: () => Recogniser | Promise<Recogniser>;
  readonly usage: UsageLedger;
  readonly admission: Pick<Admission, 'patienceMs'>;
  readonly downloads: Downloads;
  readonly limitsOf: LimitsOf;
  /** Told of each registered face that was recognised. */
  readonly onSeen: (appid: string, faceId: string) => void;
  readonly newFaceId: () => string;
  /** The largest picture that a body may carry. */
  readonly pictureBytesMax: number;
  /** Which calls the audit tells of besides changes. */
  readonly audit: AuditLevel;
  /** The day that usage is counted in now, `2026-11-30`. */
  readonly day: () => string;
}

/** A stage of a call, or a part of one, that is over. */
export interface StageTime {
  readonly stage: string;
  readonly ms: number;
  /** When it ended, in milliseconds of `performance.now()`. */
  readonly endedAt: number;
}

/** What is recorded of a call while it runs, for usage and for the log. */
export class CallRecord {
  /** Pictures analysed. */
  pictures = 0;
  /** Faces found in them. */
  faces = 0;
  /** The qualities of the faces that were to be enrolled, in the order of the pictures. */
  qualities: Qualities = [];
  /** How like another person those are that resemble one. */
  likenesses: readonly (Likeness | undefined)[] = [];
  /** Where faces were searched, if they were. */
  searched: SearchPlace | undefined;
  /** Whether the call is counted already, with what it wrote. */
  isCounted = false;
  /** What the call asks for, once it is read. */
  input: object | undefined = undefined;
  /** Why pictures could not be fetched, for the log: a caller is not told all of it. */
  readonly downloadFaults: string[] = [];
  /** Milliseconds by stage, added up over the pictures of the call. */
  readonly stages: Record<string, number> = {};
  /** Each stage by itself, where the call is traced. */
  times: StageTime[] | undefined = undefined;

  /** Adds to a stage that has just ended. */
  addStage(stage: string, ms: number): void {
    this.stages[stage] = Math.round(((this.stages[stage] ?? 0) + ms) * 100) / 100;
    this.times?.push({ stage, ms, endedAt: performance.now() });
  }

  /** Adds the faces of a picture. */
  addAnalysis(analysis: Analysis<never>): void {
    this.pictures += 1;
    this.faces += analysis.faces.length + analysis.others.length;
    const stages = Object.entries(analysis.timings);
    for (const [stage, ms] of stages) this.addStage(stage, ms);
    this.times?.splice(-stages.length, stages.length, ...oneAfterTheOther(stages, performance.now()));
  }
}

/** Stages of which only the times are known, in order, when all of them have ended. */
function oneAfterTheOther(stages: readonly (readonly [string, number])[], endedAt: number): StageTime[] {
  let left = stages.reduce((sum, [, ms]) => sum + ms, 0);
  return stages.map(([stage, ms]) => {
    left -= ms;
    return { stage, ms, endedAt: endedAt - left };
  });
}

/** One request, its caller proven and let in, and its body read. */
export interface FaceCall {
  readonly endpoint: EndpointName;
  readonly caller: Caller;
  readonly holdings: Holdings;
  readonly contentType: string | undefined;
  /** The request's own id. */
  readonly id: string;
  /** Makes a signal that aborts when the client goes away. */
  readonly signal: () => AbortSignal;
  readonly record: CallRecord;
  /** Who makes it, and by what, if not its key by its endpoint. */
  readonly by?: Pick<Act, 'kind' | 'actor' | 'action'> | undefined;
}

/**
 * What a call works with.
 * @param recogniser what {@link CallParts.recogniser} gives when the call begins; a call without pictures needs none.
 */
export function contextOf(call: FaceCall, parts: CallParts, recogniser?: Recogniser): RequestContext {
  return new CallContext(call, parts, recogniser);
}

/**
 * Answers a call.
 * @param body of which nothing is kept but the pictures.
 * @returns the envelope's data.
 * @throws Refusal, at once or by the promise, in the order of docs/contract.md §2: 3, 23, 6, parameters, then what the
 *   endpoint refuses.
 */
export function answerCall(call: FaceCall, body: Buffer, parts: CallParts): Promise<object> {
  const { record, holdings } = call;
  const input = readCall(call, body, parts.pictureBytesMax);
  record.input = input;
  const source: Call<EndpointName>['source'] = (picture) =>
    pictureSource(picture, parts.downloads, holdings, (ms, fault) => {
      record.addStage('download', ms);
      if (fault !== undefined) record.downloadFaults.push(fault);
    });
  const tellQualities = (qualities: Qualities): void => {
    record.qualities = qualities;
  };
  const handle = handlers[call.endpoint] as (call: unknown) => Promise<object>;
  const begin = (recogniser?: Recogniser): Promise<object> =>
    handle({ input, context: contextOf(call, parts, recogniser), sessionId: call.id, source, tellQualities });
  if (Object.keys(endpoints[call.endpoint].pictures).length === 0) return begin();
  const recogniser = parts.recogniser();
  return recogniser instanceof Promise ? recogniser.then(begin) : begin(recogniser);
}

/** What calls without pictures never ask for is made when it is asked for. */
class CallContext implements RequestContext {
  readonly store: Store;
  readonly limits: Limits;
  readonly newFaceId: () => string;
  readonly qualityMin: number;
  readonly resembling: ResemblingRule | undefined;
  readonly #call: FaceCall;
  readonly #parts: CallParts;
  readonly #given: Recogniser | undefined;
  #gallery: Gallery | undefined;
  #analyzer: FaceAnalyzer | undefined;
  #signal: AbortSignal | undefined;

  constructor(call: FaceCall, parts: CallParts, recogniser?: Recogniser) {
    this.#call = call;
    this.#parts = parts;
    this.#given = recogniser;
    this.store = parts.storeOf(call.caller.appid, new CallCount(call, parts));
    const limits = parts.limitsOf(call.caller.tenant);
    this.limits = limits;
    this.newFaceId = parts.newFaceId;
    this.qualityMin = limits.enrolQualityMin;
    this.resembling = limits.resembling;
  }

  get gallery(): Gallery {
    const { caller, record } = this.#call;
    this.#gallery ??= timed(this.#recogniser.galleryOf(caller.appid), record);
    return this.#gallery;
  }

  get analyzer(): FaceAnalyzer {
    const { admission } = this.#parts;
    this.#analyzer ??= analyzerFor(this.#recogniser.analyzer, admission, this.#call.holdings);
    return this.#analyzer;
  }

  get #recogniser(): Recogniser {
    if (this.#given === undefined) throw new Error('a call without pictures analyses none');
    return this.#given;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#call.signal();
    return this.#signal;
  }

  onResembling(likenesses: readonly (Likeness | undefined)[]): void {
    this.#call.record.likenesses = likenesses;
  }

  onSeen(faceId: string): void {
    this.#parts.onSeen(this.#call.caller.appid, faceId);
  }

  onAnalysis(analysis: Analysis<never>): void {
    this.#call.record.addAnalysis(analysis);
  }
}

/** What a call asks for. It does not wait for anything, so that nothing of the body outlives it. */
function readCall(
  { endpoint: name, caller, contentType, holdings }: FaceCall,
  bytes: Buffer,
  pictureBytesMax: number,
): object {
  const endpoint: Endpoint = endpoints[name];
  const body = parseBody(contentType, bytes);
  const images = readImages(endpoint, body, pictureBytesMax);
  checkTarget(caller, body);
  const input = readInput(endpoint, body, images);
  return separatePictures(endpoint, input, holdings);
}

/** Counts a call as answered well with what it writes: whatever may refuse it does so before. */
class CallCount implements CallWrites {
  readonly #call: FaceCall;
  readonly #parts: CallParts;

  constructor(call: FaceCall, parts: CallParts) {
    this.#call = call;
    this.#parts = parts;
  }

  call(): CountedCall {
    const { caller, endpoint, record } = this.#call;
    const { pictures, faces } = record;
    const { secretId } = caller.key;
    return { appid: caller.appid, day: this.#parts.day(), secretId, endpoint, code: 0, pictures, faces };
  }

  act(): Act {
    const { caller, endpoint, id, by } = this.#call;
    if (by !== undefined) return { ...by, requestId: id };
    return { kind: 'key', actor: caller.key.secretId, action: endpoint, requestId: id };
  }

  counted(): void {
    this.#call.record.isCounted = true;
  }

  took(ms: number): void {
    this.#call.record.addStage('write', ms);
  }
}

/** A gallery whose searches are noted as a stage of the call, with where they were made. */
function timed(gallery: Gallery, record: CallRecord): Gallery {
  return {
    async nearest(query) {
      const start = performance.now();
      const onSearched = (place: SearchPlace): void => {
        record.searched = place;
      };
      try {
        return await gallery.nearest({ ...query, onSearched });
      } finally {
        record.addStage('search', performance.now() - start);
      }
    },
  };
}

/** The body must be for the account, and for the bucket if both name one, that the signature was made for. */
function checkTarget(caller: Caller, body: RawBody): void {
  const target = readTarget(body);
  if (target.appid !== caller.appid) throw new Refusal('targetMismatch', 'appid');
  if (target.bucket !== '' && caller.bucket !== '' && target.bucket !== caller.bucket) {
    throw new Refusal('targetMismatch', 'bucket');
  }
}
