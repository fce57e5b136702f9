/**
 * Holds appids to the pictures that they may have analysed in a calendar month. What was counted is read from time to time, and
 * what this server does is added to it: so no call waits for the database, but for the first one in a while.
 */
import type { UsageLedger } from '../domain/stores.ts';
import { Refusal } from '../errors/refusals.ts';

/** How often counts are read again, in milliseconds: what other servers count meanwhile is not known here. */
const readAgainMs = 1_000;
/** The same while so much is left that others cannot use it up meanwhile. */
const readRarelyMs = 60_000;
/** How many pictures that is: some hundreds a second of all servers together, for a minute. */
const plenty = 10_000;
/** A call waits for the counts to be read if those that are known are so many times older than they should be. */
const tooOld = 2;
/** Appids that are remembered before those that have nothing in flight are forgotten. */
const rememberedMax = 10_000;

/** Pictures of a call that are counted as analysed until it is over; then disposing of it counts those that were. */
export interface PictureReservation extends Disposable {
  /**
   * Says how many pictures the call has.
   * @throws Refusal `tooManyRequests` if they are more than the month has left.
   */
  found(pictures: number): void;
}

/** What is known of an appid's month. */
interface Month {
  readonly name: string;
  /** Pictures that were counted when this was read. */
  counted: number;
  /** Pictures of calls that have ended since, or while it was read. */
  ended: number;
  /** Pictures of calls in flight. */
  inFlight: number;
  readAt: number;
  reading: Promise<void> | undefined;
}

/** The parts that quotas work with. */
export interface QuotaParts {
  readonly usage: Pick<UsageLedger, 'report'>;
  /** The day that usage is counted in now, `2026-11-30`. */
  readonly day: () => string;
}

/** The pictures of each appid in this month. */
export class PictureQuotas {
  readonly #months = new Map<string, Month>();
  readonly #parts: QuotaParts;
  readonly #now: () => number;

  /** @param now milliseconds on a clock that only goes forward. */
  constructor(parts: QuotaParts, now = () => performance.now()) {
    this.#parts = parts;
    this.#now = now;
  }

  /**
   * Reserves pictures for a call.
   * @param most how many the appid may have analysed in a month.
   * @param announced how many the call has at least.
   * @param analysed how many of them were analysed, asked for when the call is over.
   * @throws Refusal `tooManyRequests` that says when the next month begins.
   */
  async begin(appid: string, most: number, announced: number, analysed: () => number): Promise<PictureReservation> {
    const month = this.#monthOf(appid);
    await this.#read(appid, month, most);
    let reserved = 0;
    let isOver = false;
    const reserve = (pictures: number): void => {
      // What a call does after its client has left is counted when the counts are read again.
      if (isOver) return;
      const others = month.counted + month.ended + month.inFlight - reserved;
      if (others + pictures > most) throw this.#refusal(most);
      month.inFlight += pictures - reserved;
      reserved = pictures;
    };
    reserve(announced);
    return {
      found: reserve,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        month.inFlight -= reserved;
        month.ended += analysed();
      },
    };
  }

  #monthOf(appid: string): Month {
    const name = this.#parts.day().slice(0, 7);
    const known = this.#months.get(appid);
    if (known?.name === name) return known;
    if (this.#months.size >= rememberedMax) {
      for (const [other, { inFlight }] of this.#months) if (inFlight === 0) this.#months.delete(other);
    }
    const month = { name, counted: 0, ended: 0, inFlight: 0, readAt: Number.NEGATIVE_INFINITY, reading: undefined };
    this.#months.set(appid, month);
    return month;
  }

  /** Reads what was counted, if that is due; waits for it only if what is known is too old. */
  async #read(appid: string, month: Month, most: number): Promise<void> {
    const age = this.#now() - month.readAt;
    const dueMs = most - month.counted - month.ended > plenty ? readRarelyMs : readAgainMs;
    if (age < dueMs) return;
    month.reading ??= this.#readNow(appid, month).finally(() => {
      month.reading = undefined;
    });
    if (age >= tooOld * dueMs) await month.reading;
  }

  async #readNow(appid: string, month: Month): Promise<void> {
    const at = this.#now();
    // Calls are counted before they are over: what has ended by now is part of what is read.
    const endedBefore = month.ended;
    try {
      const [row] = await this.#parts.usage.report({
        from: `${month.name}-01`,
        to: lastDayOf(month.name),
        appid,
        by: [],
      });
      month.counted = row?.pictures ?? 0;
      month.ended -= endedBefore;
    } catch {
      // While the counts cannot be read, those of before and what is added here are as good as there is.
    }
    month.readAt = at;
  }

  #refusal(most: number): Refusal {
    const today = this.#parts.day();
    const days = Number(lastDayOf(today.slice(0, 7)).slice(8)) - Number(today.slice(8)) + 1;
    return new Refusal('tooManyRequests', `pictures of the month: ${most} at most`, {
      retryAfterSeconds: days * 24 * 60 * 60,
    });
  }
}

/** The last day of a month, `2026-11`. */
function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return `${month}-${new Date(Date.UTC(year, number, 0)).getUTCDate()}`;
}
