/** Paths of the pages of an appid. What a path names may hold any character; a router that decodes it once must not find a part in it. */

/** A part of a path that stands for any text. */
export function segmentOf(text: string): string {
  return encodeURIComponent(encodeURIComponent(text));
}

/** The text that a part of a path stands for, as the router gives it: decoded once. */
export function textOf(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The page of an appid. */
export function tenantPath(appid: string): string {
  return `/tenants/${encodeURIComponent(appid)}`;
}

/** The page of a person. */
export function personPath(appid: string, personId: string): string {
  return `${tenantPath(appid)}/persons/${segmentOf(personId)}`;
}

/** A page of a list: what is searched, and where the page begins. Empty words are left out. */
export function listPath(appid: string, list: 'groups' | 'persons', words: Readonly<Record<string, string>>): string {
  const given = Object.entries(words).filter(([, value]) => value !== '');
  const base = `${tenantPath(appid)}/${list}`;
  return given.length === 0 ? base : `${base}/page/${segmentOf(new URLSearchParams(given).toString())}`;
}

/** The words of {@link listPath}, by name; absent ones are empty. */
export function wordsOf<const Name extends string>(
  query: string | undefined,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const given = new URLSearchParams(textOf(query ?? ''));
  return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ''])) as Record<Name, string>;
}
