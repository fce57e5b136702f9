/** What is made of ids before the transaction that touches them. */
import assert from 'node:assert/strict';
import { generateKeySync } from 'node:crypto';
import test from 'node:test';
import { decryptId } from '../../../src/store/audit/encrypted-ids.ts';
import { ForeseenIds } from '../../../src/store/audit/foreseen-ids.ts';
import { digestLength, digestOf } from '../../../src/store/audit/hash.ts';
import { Touched } from '../../../src/store/audit/touched.ts';

const [key, another] = [generateKeySync('aes', { length: 256 }), generateKeySync('aes', { length: 256 })];

test('ids that were foreseen are told as all are, and made anew for an appid that has another key by now', () => {
  const foreseen = new ForeseenIds(key);
  foreseen.add('persons', ['p']);
  foreseen.add('groups', ['g']);
  const touched = new Touched(foreseen);
  touched.change('p', ['1'], ['g', 'h']);
  const told = touched.digests(key);
  assert.ok(told.kept.includes(foreseen.find(key, 'persons', 'p')!.row), 'it is not made again');
  for (const dataKey of [key, another]) {
    const { ids, persons, kept } = touched.digests(dataKey);
    const digests = {
      persons: [digestOf(dataKey, 'persons', 'p')],
      faces: [digestOf(dataKey, 'faces', '1')],
      groups: ['g', 'h'].map((id) => digestOf(dataKey, 'groups', id)),
    };
    assert.deepEqual([JSON.parse(ids), persons], [digests, digests.persons]);
    const opened = kept.map((row) => decryptId(dataKey, row.slice(0, digestLength), row.slice(digestLength)));
    assert.deepEqual(opened, ['p', '1', 'g', 'h']);
  }
});
