import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { type RawBody, readImages, readInput, readTarget } from '../../src/contract/input.ts';
import { refusals } from '../../src/contract/refusals.ts';
import { Refusal } from '../../src/errors/refusals.ts';

const bytesMax = 1000;
const json = (fields: object): RawBody => ({ kind: 'json', fields: new Map(Object.entries(fields)) });
const multipart = (fields: Record<string, (string | Uint8Array)[]>): RawBody => ({
  kind: 'multipart',
  fields: new Map(
    Object.entries(fields).map(([name, values]) => [name, values.map((value) => Buffer.from(value as string))]),
  ),
});
const read = <E extends Endpoint>(endpoint: E, body: RawBody) =>
  readInput(endpoint, body, readImages(endpoint, body, bytesMax));

function codeOf(work: () => unknown): number {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return refusals[error.refusal].code;
  }
  return 0;
}

const person = { person_id: 'p', group_ids: ['g'], url: 'http://x/a.jpg' };

test('JSON and multipart of the same request mean the same', () => {
  const word = fc.stringMatching(/^[\p{L}\d_-]{1,20}$/u).filter((text) => text !== 'null');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), word, word, (group_ids, person_id, tag) => {
      const fields = { group_ids, person_id, tag };
      const image = Buffer.from([0xff, 0xd8, 0x80, 0x00]);
      const fromJson = read(endpoints.newperson, json({ ...fields, image: image.toString('base64') }));
      const fromParts = read(
        endpoints.newperson,
        multipart({ group_ids, person_id: [person_id], tag: [tag], image: [image] }),
      );
      assert.deepEqual(fromJson, fromParts);
      assert.deepEqual(fromJson, { ...fields, person_name: undefined, picture: { bytes: image } });
    }),
  );
});

test('missing and empty parameters are -1301, missing and empty pictures -1300', () => {
  const cases: [number, object][] = [
    [-1301, { ...person, person_id: undefined }],
    [-1301, { ...person, person_id: null }],
    [-1301, { ...person, person_id: '' }],
    [-1301, { ...person, group_ids: [] }],
    [-1301, { ...person, group_ids: [''] }],
    [-1301, { ...person, group_ids: undefined }],
    [-1300, { ...person, url: undefined }],
    [-1300, { ...person, url: '' }],
    [-1300, { ...person, url: undefined, image: '' }],
  ];
  for (const [code, fields] of cases) {
    const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    assert.equal(
      codeOf(() => read(endpoints.newperson, json(present))),
      code,
      JSON.stringify(fields),
    );
  }
  assert.equal(
    codeOf(() => read(endpoints.newperson, multipart({ person_id: ['p'], group_ids: ['g'], image: [''] }))),
    -1300,
  );
});

test('ids end at 128 bytes of UTF-8, names and tags at 255 characters', () => {
  const code = (fields: object) => codeOf(() => read(endpoints.newperson, json({ ...person, ...fields })));
  assert.equal(code({ person_id: 'x'.repeat(128) }), 0);
  assert.equal(code({ person_id: 'x'.repeat(129) }), -1304);
  assert.equal(code({ person_id: '人'.repeat(42) }), 0);
  assert.equal(code({ person_id: '人'.repeat(43) }), -1304);
  assert.equal(code({ group_ids: ['g', 'x'.repeat(129)] }), -1304);
  assert.equal(code({ person_name: '名'.repeat(255), tag: '𠮷'.repeat(255) }), 0);
  assert.equal(code({ person_name: '名'.repeat(256) }), -1304);
  assert.equal(code({ tag: '𠮷'.repeat(256) }), -1304);
});

test('a wrong type or character is 21', () => {
  const code = (fields: object) => codeOf(() => read(endpoints.newperson, json({ ...person, ...fields })));
  for (const person_id of [
    7,
    true,
    {},
    ['p'],
    'a b',
    'a/b',
    'a\\b',
    'a"b',
    "a'b",
    'a\u0000b',
    'a\tb',
    '\ud800',
    'a\u3000b',
  ]) {
    assert.equal(code({ person_id }), 21, JSON.stringify(person_id));
  }
  for (const group_ids of [7, {}, [7], [null], [['g']], ['a b']])
    assert.equal(code({ group_ids }), 21, JSON.stringify(group_ids));
  for (const tag of [7, 'a\nb', '\u0007', '\udc00']) assert.equal(code({ tag }), 21, JSON.stringify(tag));
  assert.equal(code({ url: 7 }), 21);
  assert.equal(code({ url: undefined, image: 'no base64 !' }), 21);
  assert.equal(
    codeOf(() => read(endpoints.getinfo, multipart({ person_id: [Buffer.from([0xff, 0xfe])] }))),
    21,
  );
});

test('people use Chinese ids and names, and a quote in a name is a character like any other', () => {
  const input = read(endpoints.newperson, json({ ...person, person_id: '张三', person_name: "O\"Brien 'x'" }));
  assert.deepEqual([input.person_id, input.person_name], ['张三', "O\"Brien 'x'"]);
});

test('a single JSON string where an array is due counts as one element', () => {
  const input = read(endpoints.addface, json({ person_id: 'p', urls: 'http://x/a.jpg' }));
  assert.deepEqual(input.pictures, [{ url: 'http://x/a.jpg' }]);
  assert.deepEqual(read(endpoints.delface, json({ person_id: 'p', face_ids: 'f' })).face_ids, ['f']);
});

test('where a url and an image are given only the url is used', () => {
  const body = multipart({ person_id: ['p'], group_ids: ['g'], url: ['http://x/a.jpg'], image: ['x'] });
  assert.deepEqual(read(endpoints.newperson, body).picture, { url: 'http://x/a.jpg' });
  const many = multipart({ person_id: ['p'], urls: ['http://x/a.jpg'], images: ['x', 'y'] });
  assert.deepEqual(read(endpoints.addface, many).pictures, [{ url: 'http://x/a.jpg' }]);
  assert.deepEqual(read(endpoints.detect, json({ url: 'http://x/a.jpg', image: 'no base64 !' })).picture, {
    url: 'http://x/a.jpg',
  });
});

test('an empty url hides no image that was sent beside it', () => {
  const image = Buffer.from('x');
  for (const url of ['', '  ']) {
    assert.deepEqual(read(endpoints.detect, multipart({ url: [url], image: [image] })).picture, { bytes: image });
    assert.deepEqual(read(endpoints.detect, json({ url, image: 'eA==' })).picture, { bytes: image });
  }
  const body = multipart({ person_id: ['p'], urls: ['', ''], images: [image] });
  assert.deepEqual(read(endpoints.addface, body).pictures, [{ bytes: image }]);
});

test('of several urls one may be empty: its place among the pictures stays', () => {
  const { pictures } = read(endpoints.addface, json({ person_id: 'p', urls: ['', 'http://x/a.jpg'] }));
  assert.deepEqual(pictures, [{ url: '' }, { url: 'http://x/a.jpg' }]);
});

test('blanks around a url are no part of it', () => {
  const url = ' \thttp://x/a.jpg\r\n';
  assert.deepEqual(read(endpoints.detect, json({ url })).picture, { url: 'http://x/a.jpg' });
  assert.deepEqual(read(endpoints.detect, multipart({ url: [url] })).picture, { url: 'http://x/a.jpg' });
});

test('where a single field is sent several times, the last one counts', () => {
  const fields = { person_id: ['p', 'q'], group_ids: ['g', 'h'], tag: ['old', 'new'] };
  const { person_id, group_ids, tag } = read(endpoints.newperson, multipart({ ...fields, image: ['x'] }));
  assert.deepEqual([person_id, group_ids, tag], ['q', ['g', 'h'], 'new'], 'and each one of a list');
  assert.equal(readTarget(multipart({ appid: ['1', '2'] })).appid, '2');
  assert.equal(readTarget(multipart({ appid: ['1'], bucket: ['a', 'b'] })).bucket, 'b');
  const picture = (fields: Parameters<typeof multipart>[0]) => read(endpoints.detect, multipart(fields)).picture;
  assert.deepEqual(picture({ image: ['x', 'y'] }), { bytes: Buffer.from('y') });
  assert.deepEqual(picture({ url: ['http://x/a', 'http://x/b'] }), { url: 'http://x/b' });
  assert.deepEqual(read(endpoints.detect, json({ url: ['http://x/a', 'http://x/b'] })).picture, { url: 'http://x/b' });
});

test('the literal text null in a multipart name or tag counts as absent, an empty text clears', () => {
  const fields = { person_id: ['p'], person_name: ['null'], tag: [''] };
  assert.deepEqual(read(endpoints.setinfo, multipart(fields)), { person_id: 'p', person_name: undefined, tag: '' });
  assert.equal(read(endpoints.setinfo, json({ person_id: 'p', person_name: 'null' })).person_name, 'null');
  assert.equal(read(endpoints.setinfo, multipart({ person_id: ['null'] })).person_id, 'null');
});

test('a picture over the limit is 23, as bytes and as base64', () => {
  const large = Buffer.alloc(bytesMax + 1, 7);
  assert.equal(
    codeOf(() => readImages(endpoints.newperson, multipart({ image: [large] }), bytesMax)),
    23,
  );
  assert.equal(
    codeOf(() => readImages(endpoints.newperson, json({ image: large.toString('base64') }), bytesMax)),
    23,
  );
  assert.equal(
    codeOf(() => readImages(endpoints.newperson, multipart({ image: [large.subarray(1)] }), bytesMax)),
    0,
  );
});

test('the appid may be a number, or spelled APPID; an empty bucket is no bucket', () => {
  assert.deepEqual(readTarget(json({ appid: 10000001 })), { appid: '10000001', bucket: '' });
  assert.deepEqual(readTarget(json({ APPID: '1', bucket: '' })), { appid: '1', bucket: '' });
  assert.deepEqual(readTarget(multipart({ appid: ['1'], bucket: ['b'] })), { appid: '1', bucket: 'b' });
  assert.equal(
    codeOf(() => readTarget(json({}))),
    -1301,
  );
  for (const appid of [1.5, -0.5, true, {}, 2 ** 60])
    assert.equal(
      codeOf(() => readTarget(json({ appid }))),
      21,
    );
});
