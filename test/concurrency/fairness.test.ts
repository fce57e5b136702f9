import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { byTime } from '../../src/concurrency/fairness.ts';
import { createSemaphore } from '../../src/concurrency/semaphore.ts';

/** A clock, and a queue of one that goes by it: each turn takes as long as it is told to. */
function openQueue() {
  let now = 0;
  const queue = createSemaphore(
    1,
    Number.POSITIVE_INFINITY,
    1,
    byTime(() => now),
  );
  const order: string[] = [];
  const take = async (party: string, ms: number): Promise<void> => {
    using _turn = await queue.acquire(undefined, party);
    await setImmediate();
    now += ms;
    order.push(party);
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { order, take, pass };
}

test('who comes with small things waits for one large thing of another, not for one for each', async () => {
  const { order, take } = openQueue();
  const large = Array.from({ length: 3 }, () => take('large', 250));
  const small = Array.from({ length: 5 }, () => take('small', 2));
  await Promise.all([...large, ...small]);
  assert.deepEqual(order, ['large', ...small.map(() => 'small'), 'large', 'large']);
});

test('time is shared by those who always want it, whatever their turns take', async () => {
  const { order, take } = openQueue();
  const asked = [
    ...Array.from({ length: 10 }, () => take('long', 100)),
    ...Array.from({ length: 100 }, () => take('short', 10)),
  ];
  await Promise.all(asked);
  const last = order.lastIndexOf('long');
  const shorts = order.slice(0, last).filter((party) => party === 'short').length;
  assert.ok(shorts >= 80, `${shorts} short turns beside ten long ones`);
  assert.ok(order.indexOf('long', 1) < 20, 'and nobody waits for all of another');
});

test('what was used is forgotten in the end', async () => {
  const { order, take, pass } = openQueue();
  await take('long ago', 400);
  pass(60_000);
  await take('now', 1);
  await Promise.all([take('now', 1), take('now', 1), take('long ago', 1)]);
  assert.deepEqual(order, ['long ago', 'now', 'now', 'long ago', 'now']);
  // Even if it comes again and again.
  for (let i = 0; i < 100; i += 1) {
    pass(1_000);
    await take('often', 10);
  }
  await take('now', 100);
  await Promise.all([take('now', 1), take('now', 1), take('often', 1)]);
  assert.deepEqual(order.slice(-4), ['now', 'now', 'often', 'now']);
});

test('of very many parties that have used little, nothing is kept', () => {
  let now = 0;
  const fairness = byTime<number>(() => now);
  for (let party = 0; party < 1_000; party += 1) {
    fairness.begun(party, false);
    now += 1;
    fairness.ended(party);
  }
  now += 60_000;
  fairness.begun(1_000, false);
  now += 1;
  fairness.ended(1_000);
  assert.ok(Number.isFinite(fairness.rankOf(1_000)));
  assert.equal(fairness.rankOf(999), Number.NEGATIVE_INFINITY);
});
