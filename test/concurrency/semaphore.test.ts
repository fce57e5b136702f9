import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createSemaphore, LineFull } from '../../src/concurrency/semaphore.ts';

const never = () => new AbortController().signal;

test('permits are given in the order of asking, and never more than there are', async () => {
  const semaphore = createSemaphore(2);
  const given: number[] = [];
  const takers = [0, 1, 2, 3, 4].map(async (name) => {
    const permit = await semaphore.acquire(never());
    given.push(name);
    return permit;
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

test('whoever gives up leaves the line, and costs nobody a permit', async () => {
  const semaphore = createSemaphore(1);
  const held = await semaphore.acquire(never());
  const impatient = new AbortController();
  const reason = new Error('enough');
  const givenUp = assert.rejects(semaphore.acquire(impatient.signal), (error) => error === reason);
  const patient = semaphore.acquire(never());
  impatient.abort(reason);
  await givenUp;
  held[Symbol.dispose]();
  (await patient)[Symbol.dispose]();
  (await semaphore.acquire(never()))[Symbol.dispose]();
  await assert.rejects(semaphore.acquire(AbortSignal.abort(reason)), (error) => error === reason);
});

test('after any asking, giving up and giving back, every permit comes back', async () => {
  const asking = fc.array(fc.record({ abort: fc.boolean(), hold: fc.nat(3) }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), asking, async (most, askers) => {
      const semaphore = createSemaphore(most);
      let holding = 0;
      const done = askers.map(async ({ abort, hold }) => {
        const controller = new AbortController();
        const asked = semaphore.acquire(controller.signal);
        if (abort) controller.abort(new Error('gone'));
        try {
          using _permit = await asked;
          holding++;
          assert.ok(holding <= most);
          for (let i = 0; i < hold; i++) await setImmediate();
          holding--;
        } catch (error) {
          assert.equal((error as Error).message, 'gone');
        }
      });
      await Promise.all(done);
      await Promise.all(Array.from({ length: most }, () => semaphore.acquire(never())));
    }),
  );
});

test('who finds too many waiting is refused at once, and nobody else', async () => {
  const semaphore = createSemaphore(1, 2);
  const held = await semaphore.acquire();
  const waiting = [semaphore.acquire(), semaphore.acquire()];
  await assert.rejects(semaphore.acquire(), LineFull);
  held[Symbol.dispose]();
  for (const permit of waiting) (await permit)[Symbol.dispose]();
  (await semaphore.acquire())[Symbol.dispose]();
});

test('who gives up while waiting leaves a free place in the line', async () => {
  const semaphore = createSemaphore(1, 1);
  const held = await semaphore.acquire();
  const tired = new AbortController();
  const gone = assert.rejects(semaphore.acquire(tired.signal), /tired/);
  tired.abort(new Error('tired'));
  await gone;
  const next = semaphore.acquire();
  held[Symbol.dispose]();
  (await next)[Symbol.dispose]();
});

test('a line for nobody refuses whoever finds no permit free', async () => {
  const semaphore = createSemaphore(1, 0);
  using _held = await semaphore.acquire();
  await assert.rejects(semaphore.acquire(), LineFull);
});

/** Lets everybody have a permit, one after the other. @returns the names in the order they had theirs. */
async function orderOf(
  asking: readonly (readonly [name: string, party: string | undefined])[],
  semaphore = createSemaphore(1),
): Promise<string> {
  const held = await semaphore.acquire();
  const order: string[] = [];
  const done = asking.map(async ([name, party]) => {
    using _permit = await semaphore.acquire(undefined, party);
    order.push(name);
  });
  held[Symbol.dispose]();
  await Promise.all(done);
  return order.join(' ');
}

test('parties take turns, and those of one party come in the order of asking', async () => {
  const flood = ['a1', 'a2', 'a3', 'a4'].map((name) => [name, 'a'] as const);
  assert.equal(await orderOf([...flood, ['b1', 'b'], ['c1', 'c'], ['b2', 'b']]), 'a1 b1 c1 a2 b2 a3 a4');
  assert.equal(
    await orderOf([
      ['x1', undefined],
      ['a1', 'a'],
      ['x2', undefined],
    ]),
    'a1 x1 x2',
    'the permit that all waited for was x’s',
  );
});

test('a party that was served comes after those that wait, however often it comes back', async () => {
  const semaphore = createSemaphore(1);
  const order: string[] = [];
  const held = await semaphore.acquire();
  const one = async (name: string, party: string, then?: () => Promise<void>): Promise<void> => {
    const permit = await semaphore.acquire(undefined, party);
    order.push(name);
    const next = then?.();
    permit[Symbol.dispose]();
    await next;
  };
  const flood = one('a1', 'a', () => one('a2', 'a', () => one('a3', 'a')));
  const others = [one('b1', 'b'), one('c1', 'c')];
  held[Symbol.dispose]();
  await Promise.all([flood, ...others]);
  assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'a3']);
});

test('a party that comes seldom is next, whoever else has a long line', async () => {
  const semaphore = createSemaphore(1);
  const order: string[] = [];
  const held = await semaphore.acquire(undefined, 'a');
  const take = async (name: string, party: string, meanwhile?: () => void): Promise<void> => {
    using _permit = await semaphore.acquire(undefined, party);
    order.push(name);
    meanwhile?.();
  };
  const done: Promise<void>[] = [];
  const seldom = (name: string) => () => void done.push(take(name, 'b'));
  done.push(take('a1', 'a', seldom('b1')), take('a2', 'a'), take('a3', 'a', seldom('b2')), take('a4', 'a'));
  held[Symbol.dispose]();
  for (let i = 0; i < done.length; i += 1) await done[i];
  assert.deepEqual(order, ['a1', 'b1', 'a2', 'a3', 'b2', 'a4']);
});

test('who goes on with what it has begun comes before its own party, not before others, and always finds a place', async () => {
  const semaphore = createSemaphore(1, 3);
  const held = await semaphore.acquire(undefined, 'a');
  const order: string[] = [];
  const take = async (name: string, party: string, isContinued: boolean): Promise<void> => {
    using _permit = await semaphore.acquire(undefined, party, isContinued);
    order.push(name);
  };
  const done = [take('a1', 'a', false), take('a2', 'a', false), take('b1', 'b', false)];
  await assert.rejects(semaphore.acquire(undefined, 'a'), LineFull);
  done.push(take('a3', 'a', true), take('a4', 'a', true));
  held[Symbol.dispose]();
  await Promise.all(done);
  assert.deepEqual(order, ['b1', 'a3', 'a4', 'a1', 'a2']);
});

test('a party holds no more than it may, and leaves the rest to others at once', async () => {
  const semaphore = createSemaphore(3, 1, 2);
  const two = [await semaphore.acquire(undefined, 'a'), await semaphore.acquire(undefined, 'a')];
  const third = semaphore.acquire(undefined, 'a');
  await assert.rejects(semaphore.acquire(undefined, 'a'), LineFull);
  using _other = await semaphore.acquire(undefined, 'b');
  two[0]?.[Symbol.dispose]();
  using _third = await third;
});

test('who waits in the background comes after all others, in turns, and takes no place from them', async () => {
  const semaphore = createSemaphore(1, 2);
  const held = await semaphore.acquire();
  const order: string[] = [];
  const asking = ['x1 x yes', 'x2 x yes', 'y1 y yes', 'a1 a', 'a2 a'].map(async (words) => {
    const [name, party, isBackground] = words.split(' ');
    using _permit = await semaphore.acquire(undefined, party, false, isBackground !== undefined);
    order.push(name!);
  });
  await assert.rejects(semaphore.acquire(undefined, 'a'), LineFull, 'two wait, which is as many as may');
  const tired = new AbortController();
  const gone = assert.rejects(semaphore.acquire(tired.signal, 'z', false, true), /tired/);
  tired.abort(new Error('tired'));
  await gone;
  held[Symbol.dispose]();
  await Promise.all(asking);
  assert.equal(order.join(' '), 'a1 a2 x1 y1 x2');
  (await semaphore.acquire(undefined, 'x', false, true))[Symbol.dispose]();
});
