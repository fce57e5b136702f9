/** Ends a request: counts it for the appid that signed it, and answers with data or with a refusal. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { confidenceOf } from '../contract/confidence.ts';
import { refusals } from '../contract/refusals.ts';
import { EnrolmentRefusal } from '../domain/enrolment.ts';
import type { UsageLedger } from '../domain/stores.ts';
import { faults, Refusal, type RefusalName } from '../errors/refusals.ts';
import { type AuditLevel, auditedCall } from './audited.ts';
import { accepted, envelopeType, refused } from './envelope.ts';
import { logOf } from './request.ts';

/** What a request is ended with. */
export interface ConcludeParts {
  readonly usage: UsageLedger;
  /** The day that usage is counted in now, `2026-11-30`. */
  readonly day: () => string;
  /** Which calls the audit tells of besides changes. */
  readonly audit: AuditLevel;
}

/**
 * Concludes a call that has data.
 * @returns what is sent. Not the reply: who waits for one waits for the end of its stream.
 */
export async function concludeAnswered(
  parts: ConcludeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  data: object,
): Promise<string | Buffer> {
  await count(parts, request, undefined);
  tellQuality(request, reply);
  tellResembling(request, reply);
  const { searched } = request.record;
  if (searched !== undefined) reply.header('x-search', searched);
  return accepted(data);
}

/**
 * Answers a refusal, counting the call if its caller is known. One that is told to come later is counted with the next calls
 * and does not wait for the disk: under load these refusals are many, and nothing was done for them.
 */
export async function concludeRefused(
  parts: ConcludeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  if (error instanceof EnrolmentRefusal) request.record.qualities = error.qualities;
  const { refusal } = asRefusal(error);
  const counted = count(parts, request, refusal);
  if (refusal !== 'tooManyRequests') await counted;
  tellQuality(request, reply);
  tellResembling(request, reply);
  return refuse(request, reply, error);
}

/** Answers a refusal of what is no call. */
export function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const refusal = asRefusal(error);
  const { code, status } = refusals[refusal.refusal];
  request.code = code;
  request.refusal = refusal.refusal;
  if (refusal.refusal === 'tooManyRequests') {
    reply.header('retry-after', refusal.retryAfterSeconds ?? 1);
  }
  if (faults.has(refusal.refusal)) {
    logOf(request).error({ err: refusal.cause ?? error }, refusal.message);
  }
  return reply.code(status).header('content-type', envelopeType).send(refused(refusal));
}

/** Adds a header with the quality of each face that was to be enrolled, in the order of the pictures: `83, 31; blurred, -`. */
function tellQuality(request: FastifyRequest, reply: FastifyReply): void {
  const { qualities } = request.record;
  if (qualities.every((quality) => quality === undefined)) return;
  const said = qualities.map((quality) => {
    if (quality === undefined) return '-';
    return quality.fault === undefined ? `${quality.score}` : `${quality.score}; ${quality.fault}`;
  });
  reply.header('x-face-quality', said.join(', '));
}

/** Adds a header with the score of each new face that resembles another person, in the order of the pictures: `97.31, -`. */
function tellResembling(request: FastifyRequest, reply: FastifyReply): void {
  const { likenesses } = request.record;
  if (likenesses.every((likeness) => likeness === undefined)) return;
  const said = likenesses.map((likeness) => (likeness === undefined ? '-' : confidenceOf(likeness).toFixed(2)));
  reply.header('x-face-resembles', said.join(', '));
}

/** Counts a call durably, unless what it wrote has counted it; one whose caller is not proven is nobody's. Never rejects. */
async function count(parts: ConcludeParts, request: FastifyRequest, refusal: RefusalName | undefined): Promise<void> {
  const { endpoint, caller } = request;
  if (endpoint === undefined || caller === undefined || request.record.isCounted) return;
  const { appid, secretId } = caller.key;
  const { pictures, faces, input } = request.record;
  const code = refusal === undefined ? 0 : refusals[refusal].code;
  const audited = auditedCall(parts.audit, endpoint, refusal, request.id, input);
  const start = performance.now();
  try {
    await parts.usage.count({ appid, day: parts.day(), secretId, endpoint, code, pictures, faces }, audited);
  } catch (error) {
    // What the call did is done and durable: to answer an error now would lie about it.
    logOf(request).error({ err: error }, 'the call could not be counted');
  }
  request.record.addStage('count', performance.now() - start);
}

/** Refusals are themselves; what the HTTP engine found wrong has a code too; anything else is a bug. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // The client is gone and reads no answer; the code is for the log and the count.
  if ((error as Error).name === 'AbortError') return new Refusal('invalidRequest', 'the client went away');
  const status = (error as FastifyError).statusCode;
  if (status === refusals.bodyTooLarge.status) return new Refusal('bodyTooLarge');
  if (status === refusals.unknownPath.status) return new Refusal('unknownPath');
  if (status !== undefined && status < 500) return new Refusal('invalidRequest');
  return new Refusal('internal', '', { cause: error });
}
