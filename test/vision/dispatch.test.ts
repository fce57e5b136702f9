import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Analysis, AnalyzeOptions } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { type DispatchLimits, dispatchTo, type Workers } from '../../src/vision/pool/dispatch.ts';
import type { Answer, Task } from '../../src/vision/pool/worker.ts';

/** A task that a worker of the test has, until the test answers it. */
interface UnderWay {
  readonly task: Task;
  readonly transfer: readonly ArrayBuffer[];
  answer(answer: Answer): void;
  /** The worker is gone. */
  fail(reason: unknown): void;
}

const analysis: Analysis = { width: 1, height: 1, faces: [], others: [], timings: { decode: 2 } };
const seen: Answer = { kind: 'seen', analysis };

/** Workers that answer when the test says so, and give up a task when they are told to. */
function open(limits: Partial<DispatchLimits> = {}) {
  const tasks: UnderWay[] = [];
  const pool: Workers = {
    run(task, { transfer, signal }) {
      const { promise, resolve: answer, reject: fail } = Promise.withResolvers<Answer>();
      signal.addEventListener('abort', () => fail(signal.reason));
      tasks.push({ task, transfer, answer, fail });
      return promise;
    },
  };
  const analyze = dispatchTo(pool, { workers: 1, queueMax: 1, deadlineMs: 1000, ...limits });
  return {
    tasks,
    analyze: (options: Partial<AnalyzeOptions> = {}, picture = Uint8Array.of(1)) =>
      analyze(picture, { facesMax: 1, ...options }),
  };
}

/** Resolves when all that can happen without the test has happened. */
const settled = (): Promise<void> => setImmediate();

const tooMany = (error: unknown): boolean => error instanceof Refusal && error.refusal === 'tooManyRequests';

test('whoever gives up is let go, but the worker still counts as busy until it is free', async () => {
  const { tasks, analyze } = open();
  const leaving = new AbortController();
  const left = assert.rejects(analyze({ signal: leaving.signal }), /I leave/);
  await settled();
  leaving.abort(new Error('I leave'));
  await left;
  const next = analyze();
  await settled();
  assert.equal(tasks.length, 1, 'the next picture waits for the worker');
  await assert.rejects(analyze(), tooMany, 'and no more wait than may');
  tasks[0]!.answer(seen);
  await settled();
  assert.equal(tasks.length, 2, 'the worker is free, and has the next picture');
  tasks[1]!.answer(seen);
  assert.deepEqual((await next).faces, []);
});

test('whoever gives up while waiting is never handed to a worker', async () => {
  const { tasks, analyze } = open();
  const first = analyze();
  const leaving = new AbortController();
  const left = assert.rejects(analyze({ signal: leaving.signal }), /I leave/);
  await settled();
  leaving.abort(new Error('I leave'));
  await left;
  tasks[0]!.answer(seen);
  await first;
  await settled();
  assert.equal(tasks.length, 1);
});

test('whoever has gone before is not handed to a worker', async () => {
  const { tasks, analyze } = open();
  await assert.rejects(analyze({ signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  await settled();
  assert.equal(tasks.length, 0);
});

test('as many pictures are under way as there are workers, and as many wait as may', async () => {
  const { tasks, analyze } = open({ workers: 2, queueMax: 3 });
  const analyses = Promise.allSettled(Array.from({ length: 7 }, () => analyze()));
  for (let done = 0; done < 5; done++) {
    await settled();
    assert.equal(tasks.length, Math.min(done + 2, 5));
    tasks[done]!.answer(seen);
  }
  const refused = (await analyses).map((one) => one.status === 'rejected' && tooMany(one.reason));
  assert.deepEqual(refused, [false, false, false, false, false, true, true]);
});

test('the deadline counts from when a worker has the picture, and gives up the worker', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { tasks, analyze } = open();
  const first = assert.rejects(analyze(), { refusal: 'featureFailed', detail: 'the picture took too long' });
  const second = analyze();
  await settled();
  mock.timers.tick(999);
  await settled();
  assert.equal(tasks.length, 1, 'the first may still take a millisecond');
  mock.timers.tick(1);
  await first;
  await settled();
  mock.timers.tick(999);
  tasks[1]!.answer(seen);
  assert.deepEqual((await second).faces, []);
});

test('a worker that is lost refuses its picture, keeps the cause, and frees its place', async () => {
  const { tasks, analyze } = open();
  const lost = analyze();
  await settled();
  tasks[0]!.fail(new Error('out of memory'));
  await assert.rejects(lost, (error) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.refusal, error.detail, String(error.cause)], ['featureFailed', '', 'Error: out of memory']);
    return true;
  });
  const next = analyze();
  await settled();
  tasks[1]!.answer(seen);
  await next;
});

test('what a worker answers reaches the caller: an analysis, a refusal with its cause, or a bug', async () => {
  const { tasks, analyze } = open({ workers: 4 });
  const analyses = [analyze(), analyze(), analyze(), analyze()];
  await settled();
  const cause = new Error('why');
  tasks[0]!.answer(seen);
  tasks[1]!.answer({ kind: 'refused', refusal: 'shapeFailed', detail: 'how', cause });
  tasks[2]!.answer({ kind: 'failed', cause });
  tasks[3]!.answer({ kind: 'ready' });
  const { timings, ...rest } = await analyses[0]!;
  assert.deepEqual({ ...rest, timings: { decode: timings.decode } }, analysis);
  assert.ok(timings.queue! >= 0);
  await assert.rejects(analyses[1]!, { refusal: 'shapeFailed', detail: 'how', cause });
  await assert.rejects(analyses[2]!, { message: 'a worker failed', cause });
  await assert.rejects(analyses[3]!, /without having looked/);
});

test('a worker is told how many faces and which parts: all that is told of a face, unless less is asked for', async () => {
  const { tasks, analyze } = open({ workers: 2 });
  const analyses = [analyze({ facesMax: 3 }), analyze({ parts: ['quality'] })];
  await settled();
  assert.deepEqual(
    tasks.map(({ task }) => task.wish),
    [
      { facesMax: 3, parts: ['attributes', 'embedding', 'crop', 'shape'] },
      { facesMax: 1, parts: ['quality'] },
    ],
  );
  for (const { answer } of tasks) answer(seen);
  await Promise.all(analyses);
});

test('a picture is handed over where it lies, and copied only out of a larger buffer', async () => {
  const { tasks, analyze } = open({ workers: 2 });
  const own = Uint8Array.of(1, 2, 3);
  const larger = Uint8Array.of(0, 1, 2, 3, 0);
  const analyses = [analyze({}, own), analyze({}, larger.subarray(1, 4))];
  await settled();
  assert.equal(tasks[0]!.transfer[0], own.buffer);
  assert.notEqual(tasks[1]!.transfer[0], larger.buffer);
  for (const { task, transfer, answer } of tasks) {
    assert.deepEqual(task.picture, own);
    assert.deepEqual(transfer, [task.picture!.buffer]);
    answer(seen);
  }
  await Promise.all(analyses);
});
