import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HashIndex, hashInteger, hashText } from '../../src/search/hash-index.ts';

test('an index by hash and a Map agree after any sequence of changes, however keys collide', () => {
  const hashes = [hashText, () => 0, (key: string) => key.length << 6, (key: string) => 0xffffffff - key.length];
  const step = fc.record({ key: fc.string({ maxLength: 3 }), add: fc.boolean() });
  fc.assert(
    fc.property(fc.constantFrom(...hashes), fc.array(step, { maxLength: 300 }), (hashOf, steps) => {
      const keys: string[] = [''];
      const directory = new HashIndex<string>({ hashOf, keyOf: (number) => keys[number]! });
      const map = new Map<string, number>();
      for (const { key, add } of steps) {
        if (add) {
          const number = keys.push(key) - 1;
          directory.set(key, number);
          map.set(key, number);
        } else if (map.delete(key)) {
          directory.delete(key);
        }
      }
      for (const { key } of steps) assert.equal(directory.find(key), map.get(key) ?? 0);
    }),
  );
});

test('an index that was emptied takes no memory, and can be filled again', () => {
  const directory = new HashIndex<bigint>({ hashOf: hashInteger, keyOf: (number) => BigInt(number) });
  for (let round = 0; round < 2; round++) {
    for (let number = 1; number <= 5_000; number++) directory.set(BigInt(number), number);
    assert.deepEqual([directory.size, directory.find(4_000n)], [5_000, 4_000]);
    for (const number of directory.numbers()) directory.delete(BigInt(number));
    assert.deepEqual([directory.size, directory.bytes, directory.find(4_000n)], [0, 0, 0]);
  }
});

test('ids that count upwards are spread evenly', () => {
  const counts = new Map<number, number>();
  for (let id = 10n ** 18n; id < 10n ** 18n + 6400n; id++) {
    const table = hashInteger(id) & 63;
    counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  assert.ok(Math.max(...counts.values()) < 160, 'of a mean of 100');
});
