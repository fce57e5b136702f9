import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Analysis, AnalyzeOptions } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { analyzeWith } from '../../src/vision/pool/analyze-pictures.ts';
import type { Workers } from '../../src/vision/pool/ask.ts';
import { type DispatchLimits, dispatchTo } from '../../src/vision/pool/dispatch.ts';
import type { Answer, Task } from '../../src/vision/pool/task.ts';

/** A task that a worker of the test has, until the test answers it. */
interface UnderWay {
  readonly task: Task;
  answer(answer: Answer): void;
  /** The worker is gone. */
  fail(reason: unknown): void;
}

const analysis: Analysis = { width: 1, height: 1, faces: [], others: [], timings: { decode: 2 } };
const seen: Answer = { kind: 'seen', analysis };

/** Workers that answer when the test says so, and give up a task when they are told to. */
function open(limits: Partial<DispatchLimits> = {}, started: () => Promise<void> = async () => {}) {
  const tasks: UnderWay[] = [];
  const pool: Workers = {
    async run(task, begin) {
      await started();
      const { promise, resolve: answer, reject: fail } = Promise.withResolvers<Answer>();
      const signal = begin();
      signal.addEventListener('abort', () => fail(signal.reason));
      tasks.push({ task, answer, fail });
      return promise;
    },
  };
  const analyze = analyzeWith(dispatchTo(pool, { workers: 1, queueMax: 1, deadlineMs: 1000, ...limits }));
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
  mock.timers.enable({ apis: ['setInterval'] });
  context.after(() => mock.timers.reset());
  const { tasks, analyze } = open();
  const first = assert.rejects(analyze(), { refusal: 'decodeFailed', detail: 'the picture took too long' });
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

test('a worker that is on its way is waited for, and the deadline does not count that', async (context) => {
  mock.timers.enable({ apis: ['setInterval'] });
  context.after(() => mock.timers.reset());
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { tasks, analyze } = open({}, () => started);
  const first = analyze();
  await settled();
  mock.timers.tick(10_000);
  start();
  await settled();
  tasks[0]!.answer(seen);
  assert.deepEqual((await first).faces, []);
});

test('whoever gives up while a worker is on its way is let go, and the worker is not given the picture', async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { tasks, analyze } = open({}, () => started);
  const leaving = new AbortController();
  const left = assert.rejects(analyze({ signal: leaving.signal }), /I leave/);
  const next = analyze();
  await settled();
  leaving.abort(new Error('I leave'));
  await left;
  start();
  await settled();
  assert.equal(tasks.length, 1);
  tasks[0]!.answer(seen);
  await next;
});

test('a worker that is lost fails its picture, keeps the cause, and frees its place', async () => {
  const { tasks, analyze } = open();
  const lost = analyze();
  await settled();
  const cause = new Error('by SIGSEGV');
  tasks[0]!.fail(cause);
  await assert.rejects(lost, { message: 'a worker was lost', cause });
  const next = analyze();
  await settled();
  tasks[1]!.answer(seen);
  await next;
});

test('a place is free again when no worker can be started', async () => {
  let fails = true;
  const { tasks, analyze } = open({}, async () => {
    if (fails) throw new Error('no memory');
  });
  for (let i = 0; i < 3; i++) await assert.rejects(analyze(), /no memory/);
  fails = false;
  const next = analyze();
  await settled();
  tasks[0]!.answer(seen);
  await next;
});

test('a place is free again when handing over a picture throws', async () => {
  const pool: Workers = {
    run() {
      throw new Error('the picture cannot be read');
    },
  };
  const analyze = analyzeWith(dispatchTo(pool, { workers: 1, queueMax: 1, deadlineMs: 1000 }));
  for (let i = 0; i < 3; i++) await assert.rejects(analyze(Uint8Array.of(1), { facesMax: 1 }), /cannot be read/);
});

test('a picture whose worker is lost twice in a row is not handed to a third one; others are', async () => {
  const { tasks, analyze } = open();
  const deadly = Uint8Array.of(1, 2, 3);
  for (const attempt of [0, 1]) {
    const lost = assert.rejects(analyze({}, deadly.slice()), /a worker was lost/);
    await settled();
    tasks[attempt]!.fail(new Error('by SIGSEGV'));
    await lost;
  }
  await assert.rejects(analyze({}, deadly.slice()), /not tried again/);
  assert.equal(tasks.length, 2);
  const other = analyze({}, Uint8Array.of(1, 2, 4));
  await settled();
  tasks[2]!.answer(seen);
  await other;
});

test('a picture that is analysed, or only takes too long, is not held against it', async (context) => {
  mock.timers.enable({ apis: ['setInterval'] });
  context.after(() => mock.timers.reset());
  const { tasks, analyze } = open();
  for (const outcome of ['lost', 'seen', 'lost', 'late', 'late', 'late', 'seen'] as const) {
    const call = analyze();
    await settled();
    const task = tasks.at(-1)!;
    if (outcome === 'seen') task.answer(seen);
    if (outcome === 'lost') task.fail(new Error('by SIGKILL'));
    if (outcome === 'late') mock.timers.tick(1000);
    await (outcome === 'seen'
      ? call
      : assert.rejects(call, outcome === 'lost' ? /lost/ : { detail: 'the picture took too long' }));
  }
  assert.equal(tasks.length, 7);
});

test('what a worker answers reaches the caller: an analysis, a refusal with its cause, or a bug', async () => {
  const { tasks, analyze } = open({ workers: 4 });
  const analyses = [analyze(), analyze(), analyze(), analyze()];
  await settled();
  const cause = new Error('why');
  tasks[0]!.answer(seen);
  tasks[1]!.answer({ kind: 'refused', refusal: 'shapeFailed', detail: 'how', cause });
  tasks[2]!.answer({ kind: 'failed', cause });
  tasks[3]!.answer({ kind: 'done' });
  const { timings, ...rest } = await analyses[0]!;
  assert.deepEqual({ ...rest, timings: { decode: timings.decode } }, analysis);
  assert.ok(timings.queue! >= 0);
  await assert.rejects(analyses[1]!, { refusal: 'shapeFailed', detail: 'how', cause });
  await assert.rejects(analyses[2]!, { message: 'a worker failed', cause });
  await assert.rejects(analyses[3]!, /another answer than done/);
});

test('a worker is told how many faces and which parts: all that is told of a face, unless less is asked for', async () => {
  const { tasks, analyze } = open({ workers: 3 });
  const tiny = { facesMax: 3, tinyFaces: true, parts: [] };
  const analyses = [analyze({ facesMax: 3 }), analyze({ parts: ['quality'] }), analyze(tiny)];
  await settled();
  assert.deepEqual(
    tasks.map(({ task }) => task.kind === 'analyze' && task.wish),
    [
      { facesMax: 3, tinyFaces: false, parts: ['attributes', 'embedding', 'crop', 'shape'] },
      { facesMax: 1, tinyFaces: false, parts: ['quality'] },
      tiny,
    ],
  );
  for (const { answer } of tasks) answer(seen);
  await Promise.all(analyses);
});

test('a picture in the background is analysed when no other waits, and is never one too many', async () => {
  const { tasks, analyze } = open();
  const pictures = [1, 2, 3, 4].map((byte) => Uint8Array.of(byte));
  const asked = pictures.map((picture, i) => analyze({ isBackground: i === 1 || i === 2 }, picture));
  await settled();
  for (const byte of [1, 4, 2, 3]) {
    const { task, answer } = tasks.at(-1)!;
    assert.equal(task.picture[0], byte);
    answer(seen);
    // For so long a call's answer is written.
    await setTimeout(25);
  }
  await Promise.all(asked);
});
