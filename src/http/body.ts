/** Parses a request's body to named fields, whichever way a client writes it. */
import { MIMEType } from 'node:util';
import type { RawBody } from '../contract/input.ts';
import { Refusal } from '../errors/refusals.ts';
import { parseMultipart } from './multipart.ts';

/**
 * The most commas and opening brackets in a JSON body, and so about the most values. A value takes two bytes to send
 * and some fifty to hold, so that a body within the size limit could fill the memory. Base64 has none of these.
 */
const jsonValuesMax = 20_000;

/**
 * Reads a body: JSON (application/json or text/json; UTF-8, with or without a byte order mark) or multipart/form-data,
 * by its content type in any spelling. In JSON an array is an array: bracketed keys (`k[0]`) are a spelling of
 * multipart, and here just a key that nothing asks for. Of equal JSON keys the last counts.
 * @param contentType the request's Content-Type header.
 * @param bytes the whole body; the values of a multipart body are views of it.
 * @throws Refusal `invalidRequest` if the body cannot be read.
 */
export function parseBody(contentType: string | undefined, bytes: Buffer): RawBody {
  // As nearly every client writes it.
  if (contentType === 'application/json') return { kind: 'json', fields: parseJson(bytes) };
  const type = mediaType(contentType);
  switch (type.essence) {
    case 'application/json':
    case 'text/json':
      return { kind: 'json', fields: parseJson(bytes) };
    case 'multipart/form-data':
      return { kind: 'multipart', fields: parseMultipart(bytes, type.params.get('boundary') ?? '') };
    default:
      throw new Refusal('invalidRequest', 'the content type is neither application/json nor multipart/form-data');
  }
}

function mediaType(contentType: string | undefined): MIMEType {
  if (contentType === undefined) throw new Refusal('invalidRequest', 'there is no content type');
  try {
    return new MIMEType(contentType);
  } catch {
    throw new Refusal('invalidRequest', 'the content type is malformed');
  }
}

/** The members of a JSON object. They go into a map, where no key (`__proto__`) has a meaning of its own. */
function parseJson(bytes: Buffer): ReadonlyMap<string, unknown> {
  if (bytes.length >= jsonValuesMax && countAtMost(bytes, ',[{', jsonValuesMax) === jsonValuesMax) {
    throw new Refusal('invalidRequest', `the JSON has ${jsonValuesMax} values or more`);
  }
  const value = parseText(decodeUtf8(bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('invalidRequest', 'the JSON is not an object');
  }
  const fields = new Map<string, unknown>();
  for (const key in value) fields.set(key, value[key as keyof typeof value]);
  return fields;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refusal('invalidRequest', 'the JSON is not UTF-8');
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the body.
    throw new Refusal('invalidRequest', 'the body is not JSON');
  }
}

/** How often any of the characters occurs, counted no further than `most`. */
function countAtMost(bytes: Buffer, characters: string, most: number): number {
  let count = 0;
  for (const character of characters) {
    for (let at = bytes.indexOf(character); at !== -1 && count < most; at = bytes.indexOf(character, at + 1)) count++;
  }
  return count;
}
