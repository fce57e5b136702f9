import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../src/store/failure.ts';

const failureWith = (errcode?: number) => failureOf(Object.assign(new Error('SQLite says no'), { errcode }));

test('a way to fail is told by the code, be it a primary or an extended one', () => {
  for (const [code, failure] of [
    [5, 'busy'],
    [6, 'busy'],
    [10, 'disk'],
    [11, 'damaged'],
    [13, 'full'],
    [26, 'damaged'],
  ] as const) {
    assert.equal(failureWith(code), failure);
    assert.equal(failureWith(code + (7 << 8)), failure, 'an extended code');
  }
  for (const code of [0, 1, 8, 14, undefined]) assert.equal(failureWith(code), undefined);
});

test('the cause tells, however deep, and the first that has a code', () => {
  const full = Object.assign(new Error('full'), { errcode: 13 });
  assert.equal(failureOf(new Error('outside', { cause: new Error('inside', { cause: full }) })), 'full');
  assert.equal(failureOf(Object.assign(new Error('busy', { cause: full }), { errcode: 5 })), 'busy');
  for (const other of [undefined, null, 'text', { errcode: 13 }, new Error('none', { cause: { errcode: 13 } })]) {
    assert.equal(failureOf(other), undefined);
  }
});
