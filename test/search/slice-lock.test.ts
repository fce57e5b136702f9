import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SliceLock } from '../../src/search/slice-lock.ts';

/** Resolves when whatever can happen has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a change waits for every slice under way, is made when the last one ends, and keeps others from beginning', async () => {
  const lock = new SliceLock();
  const halt = new Int32Array(lock.halt);
  const made: string[] = [];
  await lock.change(() => void made.push('at once'));
  lock.begin();
  lock.begin();
  const changes = ['first', 'second'].map((name) => lock.change(() => void made.push(name)));
  assert.deepEqual([lock.isFree, halt[0]], [false, 1], 'the slices are asked to end, and none begins');
  lock.end();
  await settled();
  assert.deepEqual(made, ['at once'], 'one of two slices has ended');
  lock.end();
  await Promise.all(changes);
  assert.deepEqual(made, ['at once', 'first', 'second']);
  assert.deepEqual([lock.isFree, halt[0]], [true, 0]);
});

test('a change that fails is told to whoever made it, and the next one is made', async () => {
  const lock = new SliceLock();
  lock.begin();
  const failing = lock.change(() => {
    throw new Error('no room');
  });
  let isMade = false;
  const next = lock.change(() => {
    isMade = true;
  });
  lock.end();
  await assert.rejects(failing, /no room/);
  await next;
  assert.ok(isMade);
});
