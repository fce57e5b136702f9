import assert from 'node:assert/strict';
import test from 'node:test';
import { appidField, choice, type Field, id, ids, readField, text } from '../../src/contract/fields.ts';
import { Refusal } from '../../src/errors/refusals.ts';

/** What a field makes of a value: the value it reads, or the name of the refusal. */
function read(field: Field<unknown>, value: unknown): unknown {
  try {
    return readField('field', field, value);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.detail, 'field');
    return error.refusal;
  }
}

test('an id has 1 to 128 bytes of UTF-8, and none of the characters that paths and quotes need', () => {
  const field = id('An id.');
  for (const good of ['a', '张三', 'x'.repeat(128), '字'.repeat(42), 'a.b:c@d-e_f'])
    assert.equal(read(field, good), good);
  assert.equal(read(field, ''), 'parameterMissing');
  assert.equal(read(field, undefined), 'parameterMissing');
  assert.equal(read(field, null), 'parameterMissing');
  for (const long of ['x'.repeat(129), '字'.repeat(43)]) assert.equal(read(field, long), 'parameterTooLong');
  const wrong = [' ', 'a b', 'a\tb', 'a\u00a0', '/', '\\', '"', "'", 'a\u0000', 'a\u007f', '\ud800', 1, ['a']];
  for (const value of wrong) assert.equal(read(field, value), 'parameterInvalid', JSON.stringify(value));
});

test('a list of ids has one or more, each of them an id', () => {
  const field = ids('Ids.');
  assert.deepEqual(read(field, ['a', 'b', 'a']), ['a', 'b', 'a']);
  assert.equal(read(field, []), 'parameterMissing');
  assert.equal(read(field, ['a', '']), 'parameterMissing');
  assert.equal(read(field, ['a', 'x'.repeat(129)]), 'parameterTooLong');
  assert.equal(read(field, ['a', 7]), 'parameterInvalid');
  assert.equal(read(field, 'a'), 'parameterInvalid');
});

test('a text has up to 255 characters without control characters, and may be empty or absent', () => {
  const field = text('A name.');
  for (const good of ['', 'Ada Lovelace', 'x'.repeat(255), '𝒜'.repeat(255)]) assert.equal(read(field, good), good);
  assert.equal(read(field, undefined), undefined);
  assert.equal(read(field, null), undefined);
  for (const long of ['x'.repeat(256), '𝒜'.repeat(256)]) assert.equal(read(field, long), 'parameterTooLong');
  for (const value of ['a\nb', '\u0000', '\u0085', '\ud800', 5, {}])
    assert.equal(read(field, value), 'parameterInvalid');
});

test('a choice takes its numbers and their decimal texts, and nothing else', () => {
  const field = choice('Which.', [0, 1, 12]);
  for (const value of [0, 1, 12]) {
    assert.equal(read(field, value), value);
    assert.equal(read(field, String(value)), value);
  }
  assert.equal(read(field, undefined), undefined);
  for (const value of [2, '2', '', ' 1', '1 ', '1x', 'x1', '-1', '1.0', true, [1]]) {
    assert.equal(read(field, value), 'parameterInvalid', JSON.stringify(value));
  }
});

test('an appid may be a whole number, which stands for its digits', () => {
  assert.equal(read(appidField, 10001290), '10001290');
  assert.equal(read(appidField, '10001290'), '10001290');
  for (const value of [1.5, 2 ** 53, true, ['1']]) assert.equal(read(appidField, value), 'parameterInvalid');
});
