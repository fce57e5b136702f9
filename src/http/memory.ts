/** Counts the bytes of bodies and pictures that are in memory, so that they fit a budget together. */
import type { Lease } from '../concurrency/budget.ts';
import { Busy } from './busy.ts';

/**
 * What a call may hold in bytes whatever others hold: calls without pictures go on when pictures fill the memory. The
 * limit on connections bounds what this adds up to.
 */
const alwaysHeld = 65_536;

/**
 * Counts bytes that a call is about to hold.
 * @throws Busy, and nothing is counted, if there is no room for them.
 */
export function holdBytes(lease: Lease, bytes: number): void {
  if (lease.amount + bytes <= alwaysHeld) lease.add(bytes);
  else if (!lease.take(bytes)) throw new Busy('memory');
}

/** Pieces that are shorter may lie in memory that others share. */
const pieceBytesMin = 16_384;

/**
 * Frees the memory of a piece of a body, which nobody uses any more. Node makes a buffer for each piece; left to the collector,
 * every forty megabytes of bodies would be a collection of the whole heap, during which no call is served.
 */
export function freePiece(piece: Uint8Array): void {
  const { buffer } = piece;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength && piece.byteLength >= pieceBytesMin) {
    buffer.transfer(0);
  }
}

/** Bytes that arrive piece by piece. */
export interface Growing {
  /** How many there are. */
  readonly length: number;
  append(piece: Uint8Array): void;
  /** All of them, alone in an ArrayBuffer of exactly their length; once, at the end. */
  take(): Uint8Array<ArrayBuffer>;
}

/**
 * Makes room for bytes of which only the largest number is known. It grows in place, so that what arrives in tiny pieces
 * takes no more room than it has bytes.
 */
export function openGrowing(bytesMax: number): Growing {
  const buffer = new ArrayBuffer(0, { maxByteLength: bytesMax });
  return {
    get length() {
      return buffer.byteLength;
    },
    append(piece) {
      const { byteLength } = buffer;
      buffer.resize(byteLength + piece.length);
      new Uint8Array(buffer).set(piece, byteLength);
    },
    take: () => new Uint8Array(buffer.transferToFixedLength()),
  };
}
