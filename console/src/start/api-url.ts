/** Where programs of others reach the face API. */

/**
 * The address of the face API as the one who looks at this page can use it: a server that listens on every address, or on its own machine's,
 * is reached by the name that the page came from.
 * @param url what the server listens on.
 * @param pageHost the host name of this page.
 */
export function apiUrl(url: string, pageHost: string): string {
  const known = new URL(url);
  if (/^(0\.0\.0\.0|\[::\]|127\.0\.0\.1|\[::1\])$/.test(known.hostname)) known.hostname = pageHost;
  return known.origin;
}
