/** The headers of every answer of the operator's listener: a browser may do nothing with it but show its own page. */

/** No inline code, no other host, no frame around it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** By name. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** The cookie of a session. It ends with the browser; the session itself ends earlier (`store/operators.ts`). */
export const sessionCookie = 'familiar_session';

/** The value of `set-cookie` that begins a session, or ends it if there is no token. */
export function cookieOf(token: string | undefined): string {
  const end = token === undefined ? '; Max-Age=0' : '';
  return `${sessionCookie}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${end}`;
}

/** The token of a request's session; undefined if it has none. */
export function tokenOf(cookies: string | undefined): string | undefined {
  for (const cookie of cookies?.split(';') ?? []) {
    const [name, value] = cookie.trim().split('=', 2);
    if (name === sessionCookie && value !== undefined && value !== '') return value;
  }
  return undefined;
}
