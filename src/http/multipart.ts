/** Parses multipart/form-data as clients really write it. */
import { MIMEType } from 'node:util';
import { Refusal } from '../errors/refusals.ts';

/** The most parts that a body may have: the largest request of the contract needs about forty. */
const partsMax = 1_000;

/** The most bytes that the headers of one part may take. */
const headerBytesMax = 16_384;

/** The longest boundary (RFC 2046, section 5.1.1). */
const boundaryLengthMax = 70;

const space = 0x20;
const tab = 0x09;
const lf = 0x0a;
const cr = 0x0d;
const dash = 0x2d;

/** A line that separates two parts, or ends the last one. */
interface Delimiter {
  /** Where the line feed before it is; -1 if the body begins with it. */
  readonly at: number;
  /** Where the line after it begins. */
  readonly next: number;
  /** Whether the body ends with it. */
  readonly last: boolean;
  /** Whether it ends in CRLF: the lines of the part after it then do, too. */
  readonly crlf: boolean;
}

/** One value on its way into its field. */
interface Element {
  readonly field: string;
  /** The number in `k[0]`; for other spellings one that is larger than any. */
  readonly index: number;
  readonly content: Uint8Array;
}

/**
 * Parses a body of multipart/form-data. Takes what RFC 7578 describes and what clients do beside it: lines that end in
 * LF alone, parameters in any spelling that WHATWG MIME takes, folded headers. Of a part's headers only the name
 * counts: a file name, a type, a length or a transfer encoding say nothing that changes its bytes. Time is linear in
 * the body's length.
 *
 * An array is spelled `k`, `k[]` or `k[0]`, `k[1]`, and any of them repeated. Its elements are the numbered ones by
 * number (gaps allowed, equal numbers in the order sent), then the others in the order sent.
 * @param bytes the whole body; the values are views of it, not copies.
 * @param boundary the boundary parameter of the content type.
 * @returns the values of each field, under its name without brackets.
 * @throws Refusal `invalidRequest` for anything else.
 */
export function parseMultipart(bytes: Buffer, boundary: string): ReadonlyMap<string, readonly Uint8Array[]> {
  if (boundary === '') throw new Refusal('invalidRequest', 'the content type has no multipart boundary');
  if (boundary.length > boundaryLengthMax) {
    throw new Refusal('invalidRequest', `the multipart boundary is longer than ${boundaryLengthMax} characters`);
  }
  const fields = new Map<string, Uint8Array[]>();
  for (const [field, elements] of Map.groupBy(readElements(bytes, boundary), (element) => element.field)) {
    elements.sort((a, b) => a.index - b.index);
    fields.set(
      field,
      elements.map((element) => element.content),
    );
  }
  return fields;
}

/** The values in the order sent. */
function* readElements(bytes: Buffer, boundary: string): Generator<Element> {
  const needle = Buffer.from(`\n--${boundary}`, 'latin1');
  let open = findDelimiter(bytes, needle, 0);
  if (open === undefined) throw new Refusal('invalidRequest', 'the multipart boundary does not occur in the body');
  for (let part = 1; !open.last; part++) {
    if (part > partsMax) throw new Refusal('invalidRequest', `the body has more than ${partsMax} parts`);
    const { name, start } = readHeaders(bytes, open.next, boundary, part);
    // A part without content may end at the blank line's own line feed, so the search begins there.
    const close = findDelimiter(bytes, needle, start - 1);
    if (close === undefined) throw new Refusal('invalidRequest', `part ${part} is cut off`);
    yield { ...spell(name), content: bytes.subarray(start, contentEnd(bytes, open, close)) };
    open = close;
  }
}

/**
 * The first delimiter whose line feed is at `from` or later. The boundary counts only as a line of its own, so that it
 * may occur within a picture. The needle holds its first byte once and so cannot overlap itself, which keeps
 * `Buffer.indexOf` linear whatever the boundary and the body are.
 */
function findDelimiter(bytes: Buffer, needle: Buffer, from: number): Delimiter | undefined {
  if (from === 0 && bytes.subarray(0, needle.length - 1).equals(needle.subarray(1))) {
    const first = readDelimiter(bytes, -1, needle.length);
    if (first !== undefined) return first;
  }
  for (let at = bytes.indexOf(needle, from); at !== -1; at = bytes.indexOf(needle, at + needle.length)) {
    const delimiter = readDelimiter(bytes, at, needle.length);
    if (delimiter !== undefined) return delimiter;
  }
  return undefined;
}

/** The delimiter whose line feed is at `at`, unless something else than the line's end follows the boundary. */
function readDelimiter(bytes: Buffer, at: number, length: number): Delimiter | undefined {
  let end = at + length;
  if (bytes[end] === dash && bytes[end + 1] === dash) return { at, next: end + 2, last: true, crlf: false };
  // RFC 2046 lets padding follow a boundary.
  while (bytes[end] === space || bytes[end] === tab) end++;
  if (bytes[end] === lf) return { at, next: end + 1, last: false, crlf: false };
  if (bytes[end] === cr && bytes[end + 1] === lf) return { at, next: end + 2, last: false, crlf: true };
  return undefined;
}

/** The name that a part's headers give, and where its content begins. */
function readHeaders(bytes: Buffer, from: number, boundary: string, part: number): { name: string; start: number } {
  // Begins with the delimiter's line feed, so that a part without headers begins with its blank line.
  const window = bytes.subarray(from - 1, from + headerBytesMax);
  const [length, start] = findBlankLine(window);
  const headers = window.toString('latin1', 0, length);
  if (length === -1 || headers.includes(`\n--${boundary}`)) {
    throw new Refusal('invalidRequest', `the headers of part ${part} do not end within ${headerBytesMax} bytes`);
  }
  const unfolded = headers.replace(/\r?\n[ \t]+/g, ' ');
  const disposition = /^content-disposition[ \t]*:[ \t]*(.*)$/im.exec(unfolded)?.[1];
  const name = disposition === undefined ? null : parameter(disposition, 'name');
  if (name === null) throw new Refusal('invalidRequest', `part ${part} has no Content-Disposition with a name`);
  return { name, start: from - 1 + start };
}

/** Where the line before the first blank line ends, and where the line after it begins; -1 if there is none. */
function findBlankLine(bytes: Buffer): [end: number, next: number] {
  const crlf = bytes.indexOf('\n\r\n');
  const lfs = bytes.indexOf('\n\n');
  return crlf !== -1 && (lfs === -1 || crlf < lfs) ? [crlf, crlf + 3] : [lfs, lfs + 2];
}

/** A parameter of a Content-Disposition, whose grammar is that of a media type after the slash. */
function parameter(disposition: string, name: string): string | null {
  try {
    return new MIMEType(`part/${disposition}`).params.get(name);
  } catch {
    return null;
  }
}

/**
 * Where the content that `close` ends, ends; before its start if it is empty. A carriage return before the line feed
 * belongs to the line's end only if the part's other lines end so: where lines end in LF, it is the picture's last byte.
 */
function contentEnd(bytes: Buffer, open: Delimiter, close: Delimiter): number {
  return open.crlf && bytes[close.at - 1] === cr ? close.at - 1 : close.at;
}

/** The field that a name belongs to, and its place there. Nine digits are more than any array needs. */
function spell(name: string): { field: string; index: number } {
  const [, field, index] = /^(.+)\[(\d{0,9})\]$/s.exec(name) ?? [];
  if (field === undefined || index === undefined) return { field: name, index: Number.MAX_SAFE_INTEGER };
  return { field, index: index === '' ? Number.MAX_SAFE_INTEGER : Number(index) };
}
