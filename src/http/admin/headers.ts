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

/** What a request says of the page that it comes from. */
export interface Asking {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly cookie?: string | undefined;
}

/**
 * The value of `set-cookie` that begins a session, or ends it if there is no token. The cookie ends with the browser; the session itself
 * ends earlier (`store/operators.ts`). That of a page over https is never sent without it.
 */
export function cookieOf(token: string | undefined, { host, origin }: Asking): string {
  const isSecure = origin?.startsWith('https:') === true;
  const name = isSecure ? secureName(host) : plainName(host);
  return `${name}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}${token === undefined ? '; Max-Age=0' : ''}`;
}

/** The token of a request's session; undefined if it has none. One that came over https goes before one that did not. */
export function tokenOf({ host, cookie }: Asking): string | undefined {
  const given = new Map<string, string>();
  for (const one of cookie?.split(';') ?? []) {
    const [name = '', value = ''] = one.trim().split('=', 2);
    if (value !== '') given.set(name, value);
  }
  return given.get(secureName(host)) ?? given.get(plainName(host));
}

/** Browsers take this name from the host itself alone, over https: no neighbouring host can put a session in its place (RFC 6265bis, 4.1.3). */
function secureName(host: string | undefined): string {
  return `__Host-${plainName(host)}`;
}

/** Cookies are for all ports of a host. Servers on one machine, or at the ends of tunnels, must not end each other's sessions. */
function plainName(host = ''): string {
  const [, port] = /:(\d+)$/.exec(host) ?? [];
  return port === undefined ? 'familiar_session' : `familiar_session_${port}`;
}
