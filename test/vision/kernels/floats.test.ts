import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lendFloats } from '../../../src/vision/kernels/floats.ts';

test('an array that was given back is lent again', () => {
  const first = lendFloats(12);
  first[Symbol.dispose]();
  using second = lendFloats(12);
  assert.equal(second.values, first.values);
});

test('nobody is lent an array that somebody has', () => {
  lendFloats(7)[Symbol.dispose]();
  using first = lendFloats(7);
  using second = lendFloats(7);
  assert.notEqual(first.values, second.values);
});

test('an array has the length that was asked for, whatever lengths were given back', () => {
  for (const length of [3, 48, 5]) {
    using lent = lendFloats(length);
    assert.equal(lent.values.length, length);
  }
  using again = lendFloats(48);
  assert.equal(again.values.length, 48);
});
