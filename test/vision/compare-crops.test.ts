import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Workers } from '../../src/vision/pool/ask.ts';
import { compareWith } from '../../src/vision/pool/compare-crops.ts';
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
  return { tasks, areCopies: compareWith(pool, 50) };
}

test('the crops go to a worker in one task, and its verdicts come back', async () => {
  const { tasks, areCopies } = answering(() => ({ kind: 'compared', copies: [true, false] }));
  assert.deepEqual(await areCopies(crop, [other, crop]), [true, false]);
  assert.deepEqual(tasks, [{ kind: 'compare', picture: crop, others: [other, crop] }]);
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
  await assert.rejects(areCopies(crop, [other], AbortSignal.abort(new Error('I left'))), /I left/);
  assert.deepEqual(tasks, []);
  const leaving = new AbortController();
  const compared = areCopies(crop, [other], leaving.signal);
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
