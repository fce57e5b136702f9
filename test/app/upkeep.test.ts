import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { keepUsageSmall } from '../../src/app/upkeep.ts';
import { hold } from '../hold.ts';

const hours = 60 * 60 * 1_000;

test('counts are folded at the start and every six hours, with the day that it is then', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const folded: string[] = [];
  let day = '2026-11-29';
  const stores = { foldUsage: async (today: string) => void folded.push(today) };
  {
    await using _ = keepUsageSmall(stores, () => day, { warn: assert.fail });
    await setImmediate();
    assert.deepEqual(folded, ['2026-11-29']);
    day = '2026-11-30';
    t.mock.timers.tick(6 * hours - 1);
    await setImmediate();
    assert.equal(folded.length, 1);
    t.mock.timers.tick(1);
    await setImmediate();
    assert.deepEqual(folded, ['2026-11-29', '2026-11-30']);
  }
  t.mock.timers.tick(6 * hours);
  await setImmediate();
  assert.equal(folded.length, 2);
});

test('a fold that fails is told to the log and tried again, and one under way is waited for', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const told: unknown[] = [];
  const held = hold();
  let folds = 0;
  const foldUsage = async () => {
    folds += 1;
    if (folds === 1) throw new Error('disk');
    await held.pass();
  };
  const upkeep = keepUsageSmall({ foldUsage }, () => '2026-11-30', {
    warn: (...words: readonly unknown[]) => void told.push(words),
  });
  await setImmediate();
  assert.match(String((told[0] as [{ err: Error }])[0].err), /disk/);
  t.mock.timers.tick(6 * hours);
  await held.reached;
  let isClosed = false;
  const closed = upkeep[Symbol.asyncDispose]().then(() => {
    isClosed = true;
  });
  await setImmediate();
  assert.equal(isClosed, false);
  held.end();
  await closed;
  assert.deepEqual([folds, told.length], [2, 1]);
});
