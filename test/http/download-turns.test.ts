import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createTurns } from '../../src/concurrency/semaphore.ts';

const never = () => new AbortController().signal;

test('turns are given in the order of asking, and never more than there are', async () => {
  const turns = createTurns(2);
  const given: number[] = [];
  const takers = [0, 1, 2, 3, 4].map(async (name) => {
    const turn = await turns.take(never());
    given.push(name);
    return turn;
  });
  await setImmediate();
  assert.deepEqual(given, [0, 1]);
  (await takers[1])?.[Symbol.dispose]();
  await setImmediate();
  assert.deepEqual(given, [0, 1, 2]);
  (await takers[0])?.[Symbol.dispose]();
  (await takers[2])?.[Symbol.dispose]();
  await setImmediate();
  assert.deepEqual(given, [0, 1, 2, 3, 4]);
});

test('whoever gives up leaves the line, and costs nobody a turn', async () => {
  const turns = createTurns(1);
  const held = await turns.take(never());
  const impatient = new AbortController();
  const reason = new Error('enough');
  const givenUp = assert.rejects(turns.take(impatient.signal), (error) => error === reason);
  const patient = turns.take(never());
  impatient.abort(reason);
  await givenUp;
  held[Symbol.dispose]();
  (await patient)[Symbol.dispose]();
  (await turns.take(never()))[Symbol.dispose]();
  await assert.rejects(turns.take(AbortSignal.abort(reason)), (error) => error === reason);
});

test('after any asking, giving up and giving back, every turn comes back', async () => {
  const asking = fc.array(fc.record({ abort: fc.boolean(), hold: fc.nat(3) }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), asking, async (most, askers) => {
      const turns = createTurns(most);
      let holding = 0;
      const done = askers.map(async ({ abort, hold }) => {
        const controller = new AbortController();
        const asked = turns.take(controller.signal);
        if (abort) controller.abort(new Error('gone'));
        try {
          using _turn = await asked;
          holding++;
          assert.ok(holding <= most);
          for (let i = 0; i < hold; i++) await setImmediate();
          holding--;
        } catch (error) {
          assert.equal((error as Error).message, 'gone');
        }
      });
      await Promise.all(done);
      await Promise.all(Array.from({ length: most }, () => turns.take(never())));
    }),
  );
});
