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
