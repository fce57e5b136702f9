/** The url of a PostgreSQL database, and values as its protocol spells them. */
import type pg from 'pg';

/** What a url says of how to connect. `sslmode` means what it means to PostgreSQL's own programs. */
export function connectionOf(url: string): Pick<pg.PoolConfig, 'connectionString'> {
  const parsed = parse(url);
  // Otherwise `pg` reads `require` in a way of its own, and warns that it will not for ever.
  if (parsed.searchParams.has('sslmode')) parsed.searchParams.set('uselibpqcompat', 'true');
  return { connectionString: parsed.href };
}

/** Whether two urls differ in nothing but the password. */
export function areAlike(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)];
  a.password = b.password;
  return a.href === b.href;
}

/** What may be shown of a url: host, port and database. */
export function placeOf(url: string): string {
  const { host, pathname, searchParams } = parse(url);
  return `postgres://${host || (searchParams.get('host') ?? 'localhost')}${pathname}`;
}

/** Bytes as PostgreSQL spells them, `\x0123`, in memory of their own. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.fromHex(text.slice(2));
}

/** @throws Error that says nothing of what the text is, which may be a secret. */
function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol)) return parsed;
  throw new Error('the url of the database is not one: spell it postgres://user@host:5432/database');
}
