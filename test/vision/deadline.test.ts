import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { startDeadline } from '../../src/vision/pool/deadline.ts';

test('a deadline is over when its time has passed, and not before', (context) => {
  mock.timers.enable({ apis: ['setInterval'] });
  context.after(() => mock.timers.reset());
  using deadline = startDeadline(30_000);
  mock.timers.tick(29_999);
  assert.equal(deadline.signal.aborted, false);
  mock.timers.tick(1);
  assert.equal(deadline.signal.aborted, true);
});

test('a deadline that was called off is never over', (context) => {
  mock.timers.enable({ apis: ['setInterval'] });
  context.after(() => mock.timers.reset());
  const deadline = startDeadline(1_000);
  deadline[Symbol.dispose]();
  mock.timers.tick(100_000);
  assert.equal(deadline.signal.aborted, false);
});

test('a freeze of any length takes a tenth of the time at most', async () => {
  using deadline = startDeadline(500);
  // While nothing of this process runs, no timer fires; all that are due do so afterwards.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise(setImmediate);
  assert.equal(deadline.signal.aborted, false);
});
