/** The envelope of an answer, whose lists of ids come from the database as JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdList } from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { accepted, refused } from '../../src/http/envelope.ts';

/** A list as the database gives it: as text, or in the middle of other bytes. */
function listOf(ids: readonly string[], kind: 'text' | 'bytes'): IdList {
  const json = JSON.stringify(ids);
  return { json: kind === 'text' ? json : Buffer.from(`##${json}##`).subarray(2, -2) };
}

test('lists stand where they were put, as JSON of whatever kind stands around them', () => {
  for (const ids of [[], ['a'], ['张三', '"', 'b\\'], Array.from({ length: 2_000 }, (_, i) => `id-${i}`)]) {
    for (const [kind, otherKind] of [
      ['text', 'text'],
      ['text', 'bytes'],
      ['bytes', 'text'],
      ['bytes', 'bytes'],
    ] as const) {
      const [list, other] = [listOf(ids, kind), listOf(ids, otherKind)];
      const plain = { code: 0, message: 'OK', data: { person: 'p"', ids, n: 1, none: null, other: ids } };
      const answer = accepted({ ...plain.data, left: undefined, ids: list, other });
      assert.equal(answer.toString(), JSON.stringify(plain));
      assert.equal(typeof answer, kind === 'text' && otherKind === 'text' ? 'string' : 'object', 'text stays text');
      assert.equal(accepted({ left: undefined, ids: list }).toString(), JSON.stringify({ ...plain, data: { ids } }));
    }
  }
});

test('data without a list is JSON as it is, be it empty', () => {
  for (const data of [{}, { a: null, b: undefined, c: 'json' }, { a: { b: ['json'] } }, { a: undefined }]) {
    assert.equal(accepted(data), JSON.stringify({ code: 0, message: 'OK', data }));
  }
});

test('a refusal has its code, its message, and data only where it comes with some', () => {
  assert.equal(refused(new Refusal('groupUnknown', 'g')).includes('"data"'), false);
  assert.match(refused(new Refusal('groupUnknown', 'g')), /^\{"code":-1306,"message":"[^"]+g"\}$/);
});
