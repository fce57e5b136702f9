import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type AnalysisProcess, ProcessPool } from '../../src/vision/pool/processes.ts';
import type { Answer, Task } from '../../src/vision/pool/task.ts';

/** A process that does what the test says. */
class FakeProcess implements AnalysisProcess {
  readonly tasks: Task[] = [];
  isAlive = true;
  wasClosed = false;
  interruptions = 0;
  readonly #end = Promise.withResolvers<Error>();
  readonly ended = this.#end.promise;
  #answer: PromiseWithResolvers<Answer> | undefined;

  async perform(task: Task): Promise<Answer> {
    assert.ok(this.isAlive, 'a process that is gone gets no picture');
    assert.equal(this.#answer, undefined, 'one picture at a time');
    this.tasks.push(task);
    this.#answer = Promise.withResolvers<Answer>();
    return this.#answer.promise;
  }

  answer(): void {
    this.#answer!.resolve({ kind: 'done' });
    this.#answer = undefined;
  }

  interrupt(): void {
    this.interruptions += 1;
  }

  end(how = 'by SIGSEGV'): void {
    this.isAlive = false;
    const error = new Error(how);
    this.#answer?.reject(error);
    this.#end.resolve(error);
  }

  /** The system takes its time. */
  kill(): void {
    void setImmediate().then(() => this.end('by SIGKILL'));
  }

  async close(): Promise<void> {
    this.wasClosed = true;
    this.end('with the exit code 0');
  }
}

/** A pool of processes that start when the test lets them. */
async function openPool(count: number) {
  const processes: FakeProcess[] = [];
  const lost: string[] = [];
  let whenStarting: () => Promise<void> = async () => {};
  const pool = await ProcessPool.open({
    count,
    start: async () => {
      await whenStarting();
      processes.push(new FakeProcess());
      return processes.at(-1)!;
    },
    onLost: (error) => lost.push(error.message),
  });
  return {
    pool,
    processes,
    lost,
    startsWith: (work: () => Promise<void>) => {
      whenStarting = work;
    },
    run: (signal = new AbortController().signal, interrupted?: AbortSignal) =>
      pool.run(task, () => signal, interrupted),
  };
}

const task: Task = {
  kind: 'analyze',
  picture: Uint8Array.of(1),
  wish: { facesMax: 1, parts: [] },
  packs: { main: null, further: [] },
};

test('each picture goes to a process that is free, and the next one waits for the first that is', async () => {
  const { processes, run } = await openPool(2);
  const runs = [run(), run(), run()];
  await setImmediate();
  assert.deepEqual(
    processes.map(({ tasks }) => tasks.length),
    [1, 1],
  );
  processes[1]!.answer();
  await setImmediate();
  assert.deepEqual(
    processes.map(({ tasks }) => tasks.length),
    [1, 2],
  );
  for (const process of processes) process.answer();
  await Promise.all(runs);
});

test('a process that ends loses its own picture only, and another takes its place', async () => {
  const { processes, lost, run } = await openPool(2);
  const [first, second] = [run(), run()];
  await setImmediate();
  processes[0]!.end();
  await assert.rejects(first, /SIGSEGV/);
  await setImmediate();
  assert.equal(processes.length, 3, 'another is started');
  processes[1]!.answer();
  assert.deepEqual(await second, { kind: 'done' });
  const third = run();
  await setImmediate();
  processes[2]!.answer();
  await third;
  assert.deepEqual(lost, [], "the picture's caller is told");
});

test('a picture that is given up is let go at once; its process is killed, and its successor takes the next', async () => {
  const { processes, run } = await openPool(1);
  const overdue = new AbortController();
  const late = assert.rejects(run(overdue.signal), /too long/);
  await setImmediate();
  overdue.abort(new Error('too long'));
  await late;
  assert.equal(processes[0]!.isAlive, true, 'the system has not taken it down yet');
  const next = run();
  await setImmediate();
  await setImmediate();
  assert.equal(processes[0]!.isAlive, false);
  assert.equal(processes[1]!.tasks.length, 1);
  processes[1]!.answer();
  await next;
});

test('the process of a task that is interrupted hears of it, once it has the task, and no other does', async () => {
  const { processes, run } = await openPool(2);
  const [own, early] = [new AbortController(), new AbortController()];
  const first = run(undefined, own.signal);
  await setImmediate();
  own.abort();
  early.abort();
  const second = run(undefined, early.signal);
  await setImmediate();
  assert.deepEqual(
    processes.map(({ interruptions }) => interruptions),
    [1, 1],
  );
  for (const process of processes) process.answer();
  await Promise.all([first, second]);
  const later = new AbortController();
  const third = run(undefined, later.signal);
  await setImmediate();
  const fourth = run();
  await setImmediate();
  for (const process of processes) process.answer();
  await Promise.all([third, fourth]);
  later.abort();
  assert.deepEqual(
    processes.map(({ interruptions }) => interruptions),
    [1, 1],
    'what is answered is not interrupted',
  );
});

test('a process that ends while it has nothing to do is told and replaced', async () => {
  const { processes, lost } = await openPool(1);
  processes[0]!.end('by SIGKILL');
  await setImmediate();
  assert.deepEqual(lost, ['by SIGKILL']);
  assert.equal(processes.length, 2);
});

test('when none can be started the picture that waits is told why, and the next picture tries again', async () => {
  const { pool, processes, lost, startsWith, run } = await openPool(1);
  pool.check();
  startsWith(async () => {
    throw new Error('no memory');
  });
  processes[0]!.end();
  await assert.rejects(run(), /no memory/);
  await assert.rejects(run(), /no memory/);
  assert.throws(() => pool.check(), /no memory/);
  startsWith(async () => {});
  const next = run();
  await setImmediate();
  processes[1]!.answer();
  assert.deepEqual(await next, { kind: 'done' });
  assert.ok(lost.includes('no memory'));
  pool.check();
});

test('when none can be started it is tried again after pauses, without a picture', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const { pool, processes, startsWith } = await openPool(1);
  let starts = 0;
  startsWith(async () => {
    starts += 1;
    throw new Error('no memory');
  });
  processes[0]!.end();
  await setImmediate();
  for (const [pause, expected] of [
    [999, 1],
    [1, 2],
    [1_999, 2],
    [1, 3],
  ] as const) {
    mock.timers.tick(pause);
    await setImmediate();
    assert.equal(starts, expected);
  }
  startsWith(async () => {});
  mock.timers.tick(4_000);
  await setImmediate();
  assert.equal(processes.length, 2);
  pool.check();
});

test('a picture that is not begun leaves its process free', async () => {
  const { pool, processes, run } = await openPool(1);
  await assert.rejects(
    pool.run(task, () => {
      throw new Error('gone');
    }),
    /gone/,
  );
  const next = run();
  await setImmediate();
  assert.equal(processes[0]!.tasks.length, 1);
  processes[0]!.answer();
  await next;
});

test('closing lets pictures under way finish, and leaves no process', async () => {
  const { pool, processes, run } = await openPool(2);
  const under = run();
  await setImmediate();
  const closing = pool[Symbol.asyncDispose]();
  await setImmediate();
  processes[0]!.answer();
  assert.deepEqual(await under, { kind: 'done' });
  await closing;
  assert.deepEqual(
    processes.map(({ wasClosed }) => wasClosed),
    [true, true],
  );
  await setImmediate();
  assert.equal(processes.length, 2, 'none is started in their place');
});

test('if one process cannot be started, none is left', async () => {
  const started: FakeProcess[] = [];
  const opening = ProcessPool.open({
    count: 2,
    start: async () => {
      if (started.length === 1) throw new Error('a network is damaged');
      started.push(new FakeProcess());
      return started[0]!;
    },
    onLost: () => {},
  });
  await assert.rejects(opening, /a network is damaged/);
  assert.deepEqual(
    started.map(({ wasClosed }) => wasClosed),
    [true],
  );
});
