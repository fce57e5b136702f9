/** Days, as the server spells them. */

/** A day in the browser's time zone: `2026-11-30`. */
export function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last `count` days in order, today at the end. */
export function lastDays(count: number): readonly string[] {
  const now = new Date();
  const day = (before: number) => dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - before));
  return Array.from({ length: count }, (_, index) => day(count - 1 - index));
}

const dayMs = 24 * 60 * 60 * 1_000;
/** The most days that a drawing shows; the server keeps days for 400. */
const daysMax = 400;

/** The days from one to another, both among them; the last ones, if they are more than can be shown. */
export function daysBetween(from: string, to: string): readonly string[] {
  const end = Date.parse(to);
  const count = Math.max(0, Math.min(daysMax, (end - Date.parse(from)) / dayMs + 1));
  return Array.from({ length: count }, (_, index) =>
    new Date(end - (count - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
}
