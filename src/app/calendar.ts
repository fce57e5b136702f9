/** Days and months as they are spelled in counts, and the day that it is in a time zone. */
import { lastDayOf } from '../store/usage-report.ts';

/** The days of a month, `2026-11`. */
export function daysOf(month: string): { readonly from: string; readonly to: string } {
  return { from: `${month}-01`, to: lastDayOf(month) };
}

/** Whether a text spells a day that there is, as 2026-11-30. */
export function isDay(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && isMonth(text.slice(0, 7)) && text.slice(8) >= '01' && text <= lastDayOf(text)
  );
}

/** Whether a text spells a month, as 2026-11. */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

const minuteMs = 60_000;

/** Tells today's date in a time zone, as `2026-11-30`; every zone's days begin on a full minute. */
export function createDay(timeZone: string, now: () => number): () => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  let known = { minute: Number.NaN, day: '' };
  return () => {
    const ms = now();
    const minute = Math.floor(ms / minuteMs);
    if (minute !== known.minute) {
      const parts = format.formatToParts(ms);
      const value = (type: string) => parts.find((part) => part.type === type)?.value;
      known = { minute, day: `${value('year')}-${value('month')}-${value('day')}` };
    }
    return known.day;
  };
}
