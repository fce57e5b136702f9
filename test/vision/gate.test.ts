import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/errors/refusals.ts';
import { createGate } from '../../src/vision/pool/gate.ts';

test('as many are inside as the gate is wide, and the others follow in the order they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }), async (width, callers) => {
      const gate = createGate(width, callers);
      const entered: number[] = [];
      let inside = 0;
      await Promise.all(
        Array.from({ length: callers }, async (_, caller) => {
          const leave = await gate.enter();
          inside++;
          assert.ok(inside <= width);
          entered.push(caller);
          await Promise.resolve();
          inside--;
          leave();
        }),
      );
      assert.deepEqual(
        entered,
        Array.from({ length: callers }, (_, caller) => caller),
      );
    }),
  );
});

test('who finds too many waiting is refused at once, and nobody else', async () => {
  const gate = createGate(1, 2);
  const leave = await gate.enter();
  const waiting = [gate.enter(), gate.enter()];
  await assert.rejects(gate.enter(), (error) => error instanceof Refusal && error.refusal === 'tooManyRequests');
  leave();
  (await waiting[0])?.();
  (await waiting[1])?.();
  (await gate.enter())();
});

test('who gives up while waiting is gone, and the place in the queue is free again', async () => {
  const gate = createGate(1, 1);
  const leave = await gate.enter();
  const tired = new AbortController();
  const gone = assert.rejects(gate.enter(tired.signal), /tired/);
  tired.abort(new Error('tired'));
  await gone;
  const next = gate.enter();
  leave();
  (await next)();
  (await gate.enter())();
});

test('who comes with an aborted signal takes no turn', async () => {
  const gate = createGate(1, 1);
  await assert.rejects(gate.enter(AbortSignal.abort(new Error('closed'))), /closed/);
  (await gate.enter())();
});
