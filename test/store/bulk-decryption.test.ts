/** That many values decrypted at once are what `node:crypto` makes of each by itself. */
import assert from 'node:assert/strict';
import { generateKeySync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decryptInPlace } from '../../src/store/encryption/bulk.ts';
import { additionalData, decrypt, encrypt, overhead, type Place } from '../../src/store/encryption/cipher.ts';

const key = generateKeySync('aes', { length: 256 });
const placeOf = (id: string): Place => ['embeddings', id, 'model'];

/** Decrypts values that lie one after the other, each for the face of its id. */
function decryptAll(values: readonly Uint8Array[], ids: readonly string[], by: KeyObject = key) {
  const all = new Uint8Array(Buffer.concat(values));
  const lengths = values.map(({ length }) => length);
  const decrypted = decryptInPlace({ key: by, values: all, lengths, dataOf: (i) => additionalData(placeOf(ids[i]!)) });
  return 'length' in decrypted ? Buffer.from(all.subarray(0, decrypted.length)) : decrypted.damaged;
}

/** Bytes, and the id of the face that they are encrypted for. */
const someBytes = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'grapheme', maxLength: 50 }));

test('many values are decrypted as one by one, whatever their lengths are', () => {
  const property = fc.property(fc.array(someBytes, { maxLength: 30 }), (some) => {
    const ids = some.map(([, id]) => id);
    const values = some.map(([plain, id]) => encrypt(key, plain, placeOf(id)));
    const single = values.map((value, i) => decrypt(key, value, placeOf(ids[i]!)));
    assert.deepEqual(decryptAll(values, ids), Buffer.concat(single));
  });
  fc.assert(property, { numRuns: 200 });
});

test('so are more values than are decrypted in one go, and longer ones', () => {
  for (const lengths of [Array(300).fill(1024), [200_000, 0, 65_519, 65_520, 65_521, 300_001, 1]]) {
    const plain = lengths.map((length: number, i: number) => Buffer.alloc(length, i + 1));
    const ids = plain.map((_, i) => `${10 ** 18 + i}`);
    const values = plain.map((bytes, i) => encrypt(key, bytes, placeOf(ids[i]!)));
    assert.ok(Buffer.concat(plain).equals(decryptAll(values, ids) as Buffer));
  }
});

test('a bit that is changed anywhere in a value, or in what it is bound to, is noticed, and the value is named', () => {
  const ids = ['1', '22', '333'];
  const values = ids.map((id) => encrypt(key, Buffer.from(`what face ${id} looks like`), placeOf(id)));
  for (let at = 0; at < values[1]!.length * 8; at++) {
    const changed = values[1]!.slice();
    changed[at >> 3]! ^= 1 << (at & 7);
    assert.equal(decryptAll(values.with(1, changed), ids), 1, `bit ${at}`);
  }
  assert.equal(decryptAll(values, ids.with(2, '334')), 2);
  assert.equal(decryptAll([values[1]!, values[0]!, values[2]!], ids), 0);
  assert.equal(decryptAll(values, ids, generateKeySync('aes', { length: 256 })), 0);
  assert.ok(decryptAll(values, ids) instanceof Buffer, 'unchanged, they are decrypted after all of that');
});

test('a value that is cut off, or too short to be one, is damaged', () => {
  const value = encrypt(key, Buffer.alloc(64), placeOf('2'));
  for (const length of [0, 1, overhead - 1, overhead, value.length - 16, value.length - 1]) {
    assert.equal(decryptAll([encrypt(key, Buffer.alloc(64), placeOf('1')), value.slice(0, length)], ['1', '2']), 1);
  }
});

test('of no values there is nothing', () => {
  assert.deepEqual(decryptAll([], []), Buffer.alloc(0));
});
