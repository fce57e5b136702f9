/** Reads the body of a request into memory: within its limits, counted, and no slower than it must come. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Lease } from '../concurrency/budget.ts';
import { Refusal } from '../errors/refusals.ts';
import { Busy } from './busy.ts';
import { freePiece, type Growing, holdBytes, openGrowing } from './memory.ts';

/** What bounds a body. */
export interface BodyLimits {
  /** The largest body, in bytes. */
  readonly bytesMax: number;
  /** Bytes a second that must come at least, over any {@link rateWindowMs}; 0 for no limit. */
  readonly rateMin: number;
}

/** How long a body may pause or be slow, in milliseconds: longer than a mobile phone takes to change its cell. */
export const rateWindowMs = 10_000;

/** The length that a request says its body has. */
export function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/**
 * Counts what a request says that its body has, before any of it is read; what comes without a length is counted as it
 * comes. A body that is too large is not counted: it will not be read.
 * @throws Busy if there is no memory for it.
 */
export function announceBody(lease: Lease, length: number | undefined, { bytesMax }: BodyLimits): void {
  if (length !== undefined && length <= bytesMax) holdBytes(lease, length);
}

/**
 * Reads a body.
 * @param length what the request says that it has; undefined if it does not say.
 * @param lease holds the length already if there is one.
 * @throws Refusal `bodyTooLarge`; `invalidRequest` if it ends too early or late; Busy if there is no memory for it, or
 *   it comes too slowly.
 */
export function readBody(
  payload: Readable,
  length: number | undefined,
  lease: Lease,
  { bytesMax, rateMin }: BodyLimits,
): Promise<Buffer> {
  if (length !== undefined && length > bytesMax) return Promise.reject(new Refusal('bodyTooLarge'));
  // Its events have been, and nobody would be told.
  if (payload.destroyed) return Promise.reject(new Refusal('invalidRequest', 'the client went away'));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const body = length === undefined ? openGrowing(bytesMax) : openExact(length);
  let lengthBefore = 0;

  const end = (error?: unknown): void => {
    clearInterval(timer);
    payload.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    if (error === undefined) resolve(bufferOf(body.take()));
    else reject(error);
  };
  const onData = (piece: Uint8Array): void => {
    try {
      if (body.length + piece.length > (length ?? bytesMax)) {
        throw new Refusal(length === undefined ? 'bodyTooLarge' : 'invalidRequest');
      }
      if (length === undefined) holdBytes(lease, piece.length);
      body.append(piece);
      freePiece(piece);
    } catch (error) {
      end(error);
    }
  };
  const onEnd = (): void => {
    end(length === undefined || body.length === length ? undefined : new Refusal('invalidRequest'));
  };
  const onGone = (): void => end(new Refusal('invalidRequest', 'the client went away'));
  const timer = setInterval(() => {
    if (body.length - lengthBefore < (rateMin * rateWindowMs) / 1000) end(new Busy('the body comes too slowly'));
    lengthBefore = body.length;
  }, rateWindowMs);

  // Each comes once, and the first takes the others off.
  payload.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone).resume();
  return promise;
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Bodies up to this length share memory with others: memory of its own is made and collected more slowly than they are read. */
const sharedMax = 2_048;

/**
 * Room for bytes whose number is known; none of it is written before it comes, so that it takes no memory before. What goes
 * to another process is copied from it.
 */
function openExact(length: number): Pick<Growing, 'length' | 'append'> & { take(): Uint8Array<ArrayBuffer> } {
  const buffer = length <= sharedMax ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  let filled = 0;
  return {
    get length() {
      return filled;
    },
    append(piece) {
      buffer.set(piece, filled);
      filled += piece.length;
    },
    take: () => buffer,
  };
}
