/** Reads an endpoint's input from a parsed body: bytes become texts and pictures as declared. */
import { Refusal } from '../errors/refusals.ts';
import type { Endpoint, Input, PictureFields, PictureInput } from './endpoint.ts';
import { appidField, type Field, readField } from './fields.ts';

/** A parsed body whose values are not interpreted yet: JSON values, or the bytes of each part in the order sent. */
export type RawBody =
  | { readonly kind: 'json'; readonly fields: ReadonlyMap<string, unknown> }
  | { readonly kind: 'multipart'; readonly fields: ReadonlyMap<string, readonly Uint8Array[]> };

/** The account and bucket that a body names. */
export interface Target {
  readonly appid: string;
  /** Empty if the body names none. */
  readonly bucket: string;
}

/** The bytes that came in the body for each picture of the endpoint, one list a picture; undefined for a JSON one that is not base64. */
export type Images = Readonly<Record<string, readonly (Uint8Array | undefined)[]>>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the pictures that a body contains as bytes. One that is not base64 is refused by {@link readInput} alone: it is
 * a parameter like others, and those come last.
 * @throws Refusal `bodyTooLarge` if one is over `bytesMax`.
 */
export function readImages(endpoint: Endpoint, body: RawBody, bytesMax: number): Images {
  const images: Record<string, readonly (Uint8Array | undefined)[]> = {};
  for (const name in endpoint.pictures) {
    const fields = endpoint.pictures[name]!;
    const values = listOf(body, fields.image).map(imageBytes);
    if (values.some((bytes) => bytes !== undefined && bytes.length > bytesMax))
      throw new Refusal('bodyTooLarge', fields.image);
    images[name] = values;
  }
  return images;
}

/**
 * Reads the account and bucket that a body names.
 * @throws Refusal `parameterMissing`, `parameterTooLong` or `parameterInvalid` for the appid.
 */
export function readTarget(body: RawBody): Target {
  const spelling = body.fields.has('appid') ? 'appid' : 'APPID';
  const appid = readField('appid', appidField, textOf(body, spelling, appidField));
  const bucket = textOf(body, 'bucket', { nullText: false });
  return { appid: appid as string, bucket: typeof bucket === 'string' ? bucket : '' };
}

/**
 * Reads an endpoint's fields and pictures.
 * @throws Refusal for the first field that is wrong, in the declaration's order, then for missing pictures.
 */
export function readInput<E extends Endpoint>(endpoint: E, body: RawBody, images: Images): Input<E> {
  const input: Record<string, unknown> = {};
  for (const name in endpoint.fields) {
    const field = endpoint.fields[name]!;
    const value = field.kind === 'texts' ? textsOf(body, name) : textOf(body, name, field);
    input[name] = readField(name, field, value);
  }
  if (endpoint.oneOf?.every((name) => input[name] === undefined)) {
    throw new Refusal('parameterMissing', endpoint.oneOf.join(' or '));
  }
  for (const name in endpoint.pictures) {
    const fields = endpoint.pictures[name]!;
    const pictures = readPictures(body, fields, images[name] ?? []);
    input[name] = fields.many ? pictures : pictures[0];
  }
  return input as Input<E>;
}

function readPictures(body: RawBody, fields: PictureFields, images: Images[string]): readonly PictureInput[] {
  const urls = (textsOf(body, fields.url) ?? []).map((url) => readUrl(fields.url, url));
  const given = urls.some((url) => url !== '')
    ? urls.map((url) => ({ url }))
    : images.map((bytes) => ({ bytes: readImage(fields.image, bytes) }));
  // Of a single picture that is sent twice the last one counts, as for a JSON key.
  const pictures = fields.many ? given : given.slice(-1);
  if (!pictures.some((picture) => ('url' in picture ? picture.url : picture.bytes).length > 0)) {
    throw new Refusal('pictureMissing', `${fields.url} or ${fields.image}`);
  }
  return pictures;
}

function readUrl(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new Refusal('parameterInvalid', name);
  return value.trim();
}

function readImage(name: string, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Refusal('parameterInvalid', name);
  return bytes;
}

/** A single text: the last value, if it is sent several times. */
function textOf(body: RawBody, name: string, { nullText }: Pick<Field<unknown>, 'nullText'>): unknown {
  if (body.kind === 'json') return body.fields.get(name);
  const bytes = body.fields.get(name)?.at(-1);
  const text = bytes === undefined ? undefined : decode(name, bytes);
  return nullText && text === 'null' ? undefined : text;
}

/** A list; a single value counts as a list of one. */
function textsOf(body: RawBody, name: string): readonly unknown[] | undefined {
  const values = listOf(body, name);
  if (!body.fields.has(name) || body.fields.get(name) === null) return undefined;
  return values.map((value) => (value instanceof Uint8Array ? decode(name, value) : value));
}

function listOf(body: RawBody, name: string): readonly unknown[] {
  const value = body.fields.get(name);
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Refusal('parameterInvalid', name, { cause });
  }
}

/** The bytes of a part as they are, or of a JSON text in base64; white space in it is ignored. */
function imageBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
