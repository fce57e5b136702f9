import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../../src/errors/refusals.ts';
import { analyzeWith } from '../../src/vision/pool/analyze-pictures.ts';
import type { Workers } from '../../src/vision/pool/ask.ts';
import { compareWith } from '../../src/vision/pool/compare-crops.ts';
import { dispatchTo } from '../../src/vision/pool/dispatch.ts';
import type { Answer, Task } from '../../src/vision/pool/task.ts';

const [crop, other] = [Uint8Array.of(1), Uint8Array.of(2)];

/** Workers that give this answer to every task. */
function answering(answer: (signal: AbortSignal) => Answer | Promise<Answer>) {
  const tasks: Task[] = [];
  const pool: Workers = {
    run: async (task, begin) => {
      const signal = begin();
      tasks.push(task);
      return answer(signal);
    },
  };
  const dispatch = dispatchTo(pool, { workers: 1, queueMax: 2, deadlineMs: 50 });
  return { tasks, areCopies: compareWith(dispatch), analyze: analyzeWith(dispatch) };
}

test('the crops go to a worker in one task, and its verdicts come back', async () => {
  const { tasks, areCopies } = answering(() => ({ kind: 'compared', copies: [true, false] }));
  assert.deepEqual(await areCopies(crop, [other, crop]), [true, false]);
  await areCopies(crop, [other], { untilFirst: true });
  assert.deepEqual(tasks, [
    { kind: 'compare', picture: crop, others: [other, crop], untilFirst: false },
    { kind: 'compare', picture: crop, others: [other], untilFirst: true },
  ]);
});

test('comparisons take turns with pictures, and come before those of their own party', async () => {
  let answer = (_: Answer): void => {};
  const { tasks, areCopies, analyze } = answering(() => new Promise((resolve) => (answer = resolve)));
  const analysis = { width: 1, height: 1, faces: [], others: [], timings: {} };
  const picture = (party: string) => analyze(Uint8Array.of(9), { facesMax: 1, party });
  let taken = 0;
  const compare = (party: string) => areCopies(crop, [other], { party, onTaken: () => (taken += 1) });
  // Of the pictures that wait there may be no more.
  const asked: Promise<unknown>[] = [picture('a'), picture('a'), picture('b'), compare('a')];
  const order: string[] = [];
  for (let done = 0; done < asked.length; done += 1) {
    await setImmediate();
    assert.equal(tasks.length, done + 1, 'one at a time');
    const { kind } = tasks[done]!;
    order.push(kind);
    answer(kind === 'compare' ? { kind: 'compared', copies: [false] } : { kind: 'seen', analysis });
  }
  await Promise.all(asked);
  assert.deepEqual(order, ['analyze', 'analyze', 'compare', 'analyze'], 'a, b, a, a');
  assert.equal(taken, 1);
});

test('what the worker refuses is refused, what fails is a bug, and so is any other answer', async () => {
  const refusing = answering(() => ({ kind: 'refused', refusal: 'decodeFailed', detail: 'how' }));
  await assert.rejects(refusing.areCopies(crop, [other]), { refusal: 'decodeFailed', detail: 'how' });
  const failing = answering(() => ({ kind: 'failed', cause: new Error('why') }));
  await assert.rejects(failing.areCopies(crop, [other]), /a worker failed/);
  await assert.rejects(answering(() => ({ kind: 'done' })).areCopies(crop, [other]), /another answer than done/);
});

test('a caller who has gone asks no worker, and one who goes does not wait for it', async () => {
  const { tasks, areCopies } = answering(() => new Promise(() => {}));
  const gone = AbortSignal.abort(new Error('I left'));
  await assert.rejects(areCopies(crop, [other], { signal: gone }), /I left/);
  assert.deepEqual(tasks, []);
  const leaving = new AbortController();
  const compared = areCopies(crop, [other], { signal: leaving.signal });
  leaving.abort(new Error('I leave'));
  await assert.rejects(compared, /I leave/);
});

test('a comparison that takes too long is given up with its worker', async () => {
  const { areCopies } = answering(
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await assert.rejects(
    areCopies(crop, [other]),
    (error) => error instanceof Refusal && error.refusal === 'decodeFailed',
  );
});
