/** Damages a request: bit by bit, or with what parsers stumble over. */
import type { Random } from '../random.ts';

/** Pieces that mean something to one parser or another. */
const tempting = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  '\0',
  '"',
  '""',
  "'",
  '\\',
  '\\u0000',
  '\\ud800',
  '--',
  '[',
  ']',
  '[]',
  '[0]',
  '[999999999999]',
  '{',
  '}',
  ':',
  ';',
  ',',
  'null',
  'true',
  '-1',
  '1e999',
  '9007199254740993',
  '__proto__',
  'constructor',
  'appid',
  'person_id',
  'group_ids',
  'Content-Length: 0\r\n',
  'Content-Length: 99999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Type: text/plain\r\n',
  'Content-Type: multipart/form-data\r\n',
  'Expect: 100-continue\r\n',
  'Expect: nothing\r\n',
  'Connection: close\r\n',
  'Connection: upgrade\r\nUpgrade: h2c\r\n',
  'Host: \r\n',
  'Authorization: \r\n',
  '../',
  '%00',
  '%zz',
  '?x=1',
  '\xff\xfe',
  // A lone surrogate and a byte order mark, as UTF-8.
  '\xed\xa0\x80',
  '\xef\xbb\xbf',
  'x'.repeat(20_000),
].map((text) => Buffer.from(text, 'latin1'));

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const splice = (bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);

const mutations: readonly Mutation[] = [
  (bytes, random) => {
    const at = random.below(bytes.length);
    return splice(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
  },
  (bytes, random) => splice(bytes, random.below(bytes.length), random.below(30), Buffer.alloc(0)),
  (bytes, random) => splice(bytes, random.below(bytes.length), random.below(3), random.of(tempting)),
  (bytes, random) => splice(bytes, random.below(bytes.length), random.below(8), random.bytes(random.below(8))),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return splice(bytes, random.below(bytes.length), 0, bytes.subarray(at, at + random.below(200)));
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
];

/** Damages bytes in a few places, mostly in one. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let left = random.of([1, 1, 1, 2, 4]); left > 0; left -= 1) mutated = random.of(mutations)(mutated, random);
  return mutated;
}

/** Values of every type, and of lengths about the limits. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1,
  1.5,
  2 ** 60,
  '',
  ' ',
  'p',
  'g',
  'person0',
  'tencent',
  'null',
  '人'.repeat(42),
  '人'.repeat(43),
  'x'.repeat(256),
  'a/b',
  '\u0000',
  '\ud800',
  'https://[::1]:1/',
  'data:image/png;base64,AAAA',
  'bm8gcGljdHVyZQ==',
  [],
  [''],
  [null],
  [['g']],
  ['g', 'g', 'h'],
  Array.from({ length: 25 }, (_, i) => `id${i}`),
  {},
  { length: 3 },
];
const names = [
  'person_id',
  'group_id',
  'group_ids',
  'face_id',
  'face_ids',
  'person_name',
  'tag',
  'url',
  'urls',
  'image',
];

/** Changes what a JSON body says, and leaves it JSON; any other body is damaged as bytes. */
export function mutateMeaning(body: Buffer, random: Random): Buffer {
  if (body[0] !== 0x7b) return mutate(body, random);
  const fields = Object.entries(JSON.parse(body.toString()) as Record<string, unknown>);
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.below(fields.length + 1);
    const name = fields[at]?.[0] ?? random.of(names);
    if (random.below(4) === 0) fields.splice(at, 1);
    else fields.splice(at, 1, [name, random.of(values)]);
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
}
