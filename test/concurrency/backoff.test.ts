import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../src/concurrency/backoff.ts';

test('each pause is twice as long as the one before, up to the longest, and short again after a success', () => {
  const backoff = new Backoff({ firstMs: 10, mostMs: 65 });
  assert.deepEqual(
    [backoff.fail(), backoff.fail(), backoff.fail(), backoff.fail(), backoff.fail()],
    [10, 20, 40, 65, 65],
  );
  assert.equal(backoff.failures, 5);
  backoff.succeed();
  assert.deepEqual([backoff.failures, backoff.fail()], [0, 10]);
});

test('however often an attempt fails, the pause stays a number', () => {
  const backoff = new Backoff({ firstMs: 10, mostMs: 60_000 });
  for (let i = 0; i < 5_000; i++) backoff.fail();
  assert.equal(backoff.fail(), 60_000);
});
