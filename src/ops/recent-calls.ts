/** What a server did in the last minutes, for a page that shows it: the metrics add up the same for ever. */
import type { ObservedRequest } from './metrics.ts';

/** How long a slot is, in milliseconds. */
export const slotMs = 5_000;
/** How many slots are kept: ten minutes of them. */
const slotsMax = 120;

/** Latencies are counted between bounds that rise by a fifth each, from a tenth of a millisecond to a minute and a half. */
const boundsMs = Float64Array.from({ length: 80 }, (_, i) => 0.1 * 2 ** (i / 4));

/** The calls of a slot. */
export interface RecentSlot {
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** Calls that were answered, well or not. */
  readonly calls: number;
  /** Those that were answered with another code than 0. */
  readonly refused: number;
  /** Pictures that were analysed. */
  readonly pictures: number;
  /** Half of the calls, and 19 of 20, took no longer, in milliseconds, up to a fifth too high; null without calls. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** How often calls were refused for a reason. */
export interface RecentRefusal {
  readonly reason: string;
  readonly code: number;
  readonly count: number;
}

class Slot {
  /** Slots are numbered from 1970 on. */
  readonly number: number;
  calls = 0;
  refused = 0;
  pictures = 0;
  readonly latencies = new Uint32Array(boundsMs.length + 1);
  readonly refusals = new Map<string, { readonly code: number; count: number }>();

  constructor(number: number) {
    this.number = number;
  }
}

/** Counts calls in slots, and forgets those that are older than ten minutes. */
export class RecentCalls {
  readonly #now: () => number;
  /** A slot lies where its number says; what lies there of an earlier one is over. */
  readonly #slots: (Slot | undefined)[] = new Array(slotsMax).fill(undefined);

  /** @param now milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a request that is over, if it was a call of the face API. */
  observe({ endpoint, code, ms, pictures, refusal }: ObservedRequest): void {
    if (endpoint === null) return;
    const slot = this.#current();
    slot.calls++;
    slot.pictures += pictures;
    slot.latencies[placeOf(ms)]!++;
    if (code === 0) return;
    slot.refused++;
    const reason = refusal ?? String(code);
    const known = slot.refusals.get(reason);
    if (known === undefined) slot.refusals.set(reason, { code, count: 1 });
    else known.count++;
  }

  /** The last ten minutes in order, without the slot that is not over; what had no calls among them. */
  slots(): readonly RecentSlot[] {
    const current = this.#numberNow();
    return Array.from({ length: slotsMax - 1 }, (_, i) => reportOf(current - (slotsMax - 1) + i, this.#slots));
  }

  /** Why calls were refused in the last ten minutes, the most frequent reason first. */
  refusals(): readonly RecentRefusal[] {
    const oldest = this.#numberNow() - slotsMax;
    const sums = new Map<string, { readonly reason: string; readonly code: number; count: number }>();
    for (const slot of this.#slots) {
      if (slot === undefined || slot.number <= oldest) continue;
      for (const [reason, { code, count }] of slot.refusals) {
        const sum = sums.get(reason) ?? { reason, code, count: 0 };
        sum.count += count;
        sums.set(reason, sum);
      }
    }
    return [...sums.values()].sort((a, b) => b.count - a.count);
  }

  #numberNow(): number {
    return Math.floor(this.#now() / slotMs);
  }

  #current(): Slot {
    const number = this.#numberNow();
    const found = this.#slots[number % slotsMax];
    if (found?.number === number) return found;
    const slot = new Slot(number);
    this.#slots[number % slotsMax] = slot;
    return slot;
  }
}

/** Where a latency is counted: at the first bound that is not below it. */
function placeOf(ms: number): number {
  return Math.max(0, Math.min(boundsMs.length, Math.ceil(4 * Math.log2(ms / 0.1))));
}

function reportOf(number: number, slots: readonly (Slot | undefined)[]): RecentSlot {
  const found = slots[number % slotsMax];
  const at = number * slotMs;
  if (found?.number !== number) return { at, calls: 0, refused: 0, pictures: 0, p50Ms: null, p95Ms: null };
  const { calls, refused, pictures, latencies } = found;
  return {
    at,
    calls,
    refused,
    pictures,
    p50Ms: quantile(latencies, calls / 2),
    p95Ms: quantile(latencies, 0.95 * calls),
  };
}

/** The bound up to which as many calls lie. */
function quantile(latencies: Uint32Array, count: number): number {
  let sum = 0;
  const place = latencies.findIndex((calls) => {
    sum += calls;
    return sum >= count;
  });
  return boundsMs[Math.min(place, boundsMs.length - 1)]!;
}
