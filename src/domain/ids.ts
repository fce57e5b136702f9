/** Makes face ids: 19 decimal digits that fit a signed 64-bit integer, later ones larger. */
import { randomInt } from 'node:crypto';

/** 2026-01-01T00:00:00Z, milliseconds since 1970: the moment that ids count from. */
const epochMs = 1_767_225_600_000;
/** Keeps every id at 19 digits: the smallest of them. */
const smallest = 10n ** 18n;
/** Bits below the millisecond: 2 million ids in each. 41 bits of milliseconds above them last until 2095. */
const lowBits = 21;

/**
 * Opens a source of face ids. Ids of one source only ever grow, even when the clock steps back; two sources (two
 * processes) start each millisecond at random places, and the primary key has the last word.
 * @param now milliseconds since 1970.
 * @param randomBelow a random integer from 0 to below the one that it is given.
 */
export function createFaceIds(
  now: () => number,
  randomBelow: (bound: number) => number = (bound) => randomInt(bound),
): () => string {
  let ms = 0;
  let low = 0;
  return () => {
    const current = Math.max(now() - epochMs, ms);
    if (current > ms) {
      ms = current;
      // The upper half stays free, so that a millisecond never runs out of room to count in.
      low = randomBelow(2 ** (lowBits - 1));
    } else {
      low += 1;
      if (low >= 2 ** lowBits) {
        ms += 1;
        low = 0;
      }
    }
    return String(smallest + (BigInt(ms) << BigInt(lowBits)) + BigInt(low));
  };
}
