/** What values of settings may be. */
import { z } from 'zod';

/** A whole number within bounds. */
export const whole = (least: number, most: number): z.ZodType<number> => z.coerce.number().int().min(least).max(most);
/** From one millisecond to an hour. */
export const milliseconds = whole(1, 3_600_000);
/** In bytes. */
export const megabyte = 1024 * 1024;

/** Texts separated by commas, or a JSON list of them. */
export const list = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter((item) => item.trim() !== '') : value),
  z.array(z.string().trim().min(1)),
);

/** The url of a PostgreSQL database, or nothing. The fault does not show the value, which may hold a password. */
export const databaseUrl = z
  .string()
  .refine((url) => url === '' || isDatabaseUrl(url), 'spell it postgres://user@host:5432/database');

/** Whether a text is the url of a PostgreSQL database. */
export function isDatabaseUrl(text: string): boolean {
  return /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '');
}

/** The name of a time zone that the engine knows. */
export const timeZone = z.string().refine((zone) => isTimeZone(zone), 'no such time zone');

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** The url of an OTLP collector, or nothing. The fault does not show the value, which may hold a password. */
export const otlpEndpoint = z
  .string()
  .refine((url) => url === '' || /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'spell it http://127.0.0.1:4318');
