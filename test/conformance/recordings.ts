/** Reads the recorded requests and fills one in for a server, an account and pictures. */
import { readFileSync } from 'node:fs';
import type { Account } from './server.ts';
import { signature } from './signature.ts';

const folder = new URL('recordings/', import.meta.url);

/** What is known of a recording besides its bytes; see the folder's README. */
export interface Recording {
  /** `java/001-newperson.http`. */
  readonly file: string;
  /** The client library's name. */
  readonly client: string;
  readonly endpoint: string;
  /** The signature's fields in the client's order. */
  readonly sign: string;
  readonly multipart: boolean;
  /** What the body says, field by field. */
  readonly said: Said;
}

/** The texts of a body's fields; a list where the field is one. */
export type Said = Readonly<Record<string, readonly string[]>>;

/** What goes into a recording's blanks. */
export interface Filling {
  readonly account: Account;
  /** The server's host and port. */
  readonly host: string;
  /** One for each `{PICTURE}`. */
  readonly pictures: readonly Buffer[];
  /** One for each url. */
  readonly urls: readonly string[];
  /** One for each face that the recording names. */
  readonly faceIds: readonly string[];
}

/** A request, ready to be sent. */
export interface Filled {
  /** The request line and the headers, without the blank line; `Content-Length` is among them. */
  readonly head: string;
  readonly body: Buffer;
}

/** All recordings, in the order in which each client made its calls. */
export function readRecordings(): readonly Recording[] {
  const said = readJson('fields.json') as Record<string, Record<string, string | number | readonly string[]>>;
  return (readJson('index.json') as Omit<Recording, 'said'>[]).map((row) => {
    const fields = Object.entries(said[row.file] ?? {});
    return { ...row, said: Object.fromEntries(fields.map(([name, value]) => [name, [value].flat().map(String)])) };
  });
}

/**
 * Fills in a recording's blanks. Lengths are counted anew, those of single parts included.
 * @param lineEnd what ends the lines of a multipart body; those of the head end in CRLF.
 */
export function fill(recording: Recording, filling: Filling, lineEnd: '\r\n' | '\n' = '\r\n'): Filled {
  const { account, host } = filling;
  const text = readFileSync(new URL(recording.file, folder), 'latin1');
  const [before, ...rest] = text.split('\r\n\r\n') as [string, ...string[]];
  const body = fillBody(rest.join('\r\n\r\n').replaceAll('\r\n', lineEnd), filling);
  const sign = signature(account, recording.sign, recording.said.bucket?.[0]);
  const head = before.replace('{SIGN}', sign).replace('{HOST}', host).replace('{LENGTH}', String(body.length));
  return { head, body };
}

/** The text is Latin-1, so that every byte survives. */
function fillBody(text: string, { account, pictures, urls, faceIds }: Filling): Buffer {
  const lengths = pictures.values();
  const contents = pictures.values();
  const addresses = urls.values();
  const faces = faceIds.values();
  const filled = text
    .replaceAll('{PICTURE_LENGTH}', () => String(next(lengths).length))
    .replaceAll('{PICTURE}', () => next(contents).toString('latin1'))
    .replace(/http:(\\?\/)\\?\/x\\?\/[\w.]+/g, (_, slash: string) => next(addresses).replaceAll('/', slash))
    .replace(/"face_ids?": ?(?:\[[^\]]*\]|"\d+")/, (member) =>
      member.replace(/"\d+"/g, () => JSON.stringify(next(faces))),
    )
    // A part may tell its length.
    .replace(/(name="appid"\s+Content-Length: )\d+/, (_, start: string) => `${start}${account.appid.length}`)
    .replace(/(?<=appid\b.*?)(?<!\d)123456(?!\d)/s, account.appid);
  return Buffer.from(filled, 'latin1');
}

function next<T>(values: IteratorObject<T>): T {
  const { value, done } = values.next();
  if (done) throw new Error('the recording has more blanks than there is to fill in');
  return value;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}
