/** Writes a signed call as a curl command that can be pasted into a shell. */
import type { Key } from '../auth/keys.ts';
import { sign, validitySecondsMax } from '../auth/signature.ts';
import { type EndpointName, pathOf } from '../contract/endpoints.ts';

/**
 * A curl command with a signature that is good for as long as one may be.
 * @param url the server, `http://127.0.0.1:8080`.
 * @param fields the form's texts, besides `appid`.
 * @param photograph path of a picture to send as `image`.
 */
export function signedCurl(
  url: string,
  key: Key,
  endpoint: EndpointName,
  now: number,
  fields: Readonly<Record<string, string>>,
  photograph?: string,
): string {
  const madeAt = Math.floor(now / 1000);
  const { appid, secretId, secretKey } = key;
  const signature = sign({ appid, secretId, madeAt, expires: madeAt + validitySecondsMax }, secretKey);
  const forms = Object.entries({ appid, ...fields }).map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`);
  if (photograph !== undefined) forms.push(`-F ${quoted(`image=@${photograph}`)}`);
  return [`curl ${quoted(url + pathOf(endpoint))}`, `-H ${quoted(`Authorization: ${signature}`)}`, ...forms].join(
    ' \\\n  ',
  );
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w:/.=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
