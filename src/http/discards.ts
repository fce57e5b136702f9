/** Reads and drops the bodies of refused requests, a little at a time, so that they do not delay the calls that are served. */
import type { Readable } from 'node:stream';
import { freePiece } from './memory.ts';

/**
 * How fast bodies are dropped, all of them together, in bytes a second: a megabyte takes a millisecond of the thread that serves
 * everybody.
 */
const bytesPerSecond = 96 * 1024 * 1024;
/** How much may be dropped at once after a pause: a single body need not wait. */
const burstBytes = 8 * 1024 * 1024;
/** How long bodies wait for their next piece, in milliseconds. */
const pauseMs = 10;

/** The bodies that are being read and dropped. */
export class Discards {
  readonly #now: () => number;
  /** Those whose next piece is read when there is credit again, the one that has waited longest first. */
  readonly #paused = new Set<Readable>();
  /** Bytes that may be read now; below zero where the last piece was larger. */
  #credit = burstBytes;
  #creditAt: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#creditAt = now();
  }

  /** Passes over what is left of a body, unless somebody reads it. The connection is then free for the next request. */
  add(body: Readable): void {
    if (body.readableFlowing !== null || body.destroyed) return;
    body
      .on('data', (piece: Uint8Array) => {
        this.#credit -= piece.length;
        freePiece(piece);
        if (this.#refill() <= 0) this.#pause(body);
      })
      .once('close', () => this.#paused.delete(body))
      .on('error', () => {});
  }

  #refill(): number {
    const now = this.#now();
    this.#credit = Math.min(burstBytes, this.#credit + ((now - this.#creditAt) * bytesPerSecond) / 1000);
    this.#creditAt = now;
    return this.#credit;
  }

  #pause(body: Readable): void {
    body.pause();
    this.#paused.add(body);
    this.#timer ??= setTimeout(() => this.#goOn(), pauseMs);
  }

  /** Lets bodies go on, one piece each, as far as the credit may reach. */
  #goOn(): void {
    this.#timer = undefined;
    let credit = this.#refill();
    for (const body of this.#paused) {
      if (credit <= 0) break;
      this.#paused.delete(body);
      credit -= body.readableHighWaterMark;
      body.resume();
    }
    if (this.#paused.size > 0) this.#timer ??= setTimeout(() => this.#goOn(), pauseMs);
  }
}
