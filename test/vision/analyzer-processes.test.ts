import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { type FaceAnalyzerOptions, openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { modelsCache } from '../networks/lend.ts';
import { photograph } from './photographs.ts';

const lost: unknown[] = [];
let analyzer: FaceAnalyzer & AsyncDisposable;

const open = (options: Partial<FaceAnalyzerOptions> = {}): Promise<FaceAnalyzer & AsyncDisposable> =>
  openFaceAnalyzer({
    modelsFolder: modelsCache,
    workers: 1,
    queueMax: 20,
    deadlineMs: 60_000,
    pixelsMax: 40_000_000,
    onLost: (error) => lost.push(error),
    ...options,
  });

const analyze = (by: FaceAnalyzer = analyzer, picture = photograph(1)) => by.analyze(picture, { facesMax: 1 });

/** The processes that this one has started and that have not ended. */
async function children(): Promise<number[]> {
  const list = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return list.trim().split(' ').filter(Boolean).map(Number);
}

/** The one that analyses pictures, once it is there. */
async function theChild(before?: number): Promise<number> {
  for (;;) {
    const [pid, ...others] = (await children()).filter((pid) => pid !== before);
    if (pid !== undefined && others.length === 0) return pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const skip = process.platform !== 'linux' && 'processes are found by /proc';

before(async () => {
  if (!skip) analyzer = await open();
});

after(() => analyzer?.[Symbol.asyncDispose]());

test('neither the engine nor the decoder is in the process that has the keys', { skip }, async () => {
  await analyze();
  const mapped = async (pid: number | 'self') => {
    const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
    return [/libonnxruntime/, /libvips/].map((library) => library.test(maps));
  };
  assert.deepEqual(await mapped('self'), [false, false]);
  assert.deepEqual(await mapped(await theChild()), [true, true]);
});

test('crops are compared in the process, too', { skip }, async () => {
  const [crop, other] = (await Promise.all([analyze(), analyze(analyzer, photograph(3))])).map(
    ({ faces }) => faces[0]!.crop,
  );
  assert.deepEqual(await analyzer.areCopies(crop!, [crop!, other!]), [true, false]);
  assert.deepEqual(await analyzer.areCopies(crop!, [other!, crop!, crop!], { untilFirst: true }), [false, true]);
  await assert.rejects(analyzer.areCopies(crop!, [Uint8Array.of(1)]), /a worker failed/);
});

for (const signal of ['SIGABRT', 'SIGSEGV', 'SIGKILL'] as const) {
  test(`a process that ends by ${signal} costs the picture that it has, and the next one is analysed`, {
    skip,
  }, async () => {
    const pid = await theChild();
    // It has the picture, and cannot finish before it is ended.
    process.kill(pid, 'SIGSTOP');
    const under = assert.rejects(analyze(), (error: Error) => {
      assert.equal(error.message, 'a worker was lost');
      assert.match(String(error.cause), new RegExp(signal));
      return true;
    });
    const waiting = analyze();
    await setImmediate();
    process.kill(pid, signal);
    process.kill(pid, 'SIGCONT');
    await under;
    assert.equal((await waiting).faces.length, 1);
    assert.notEqual(await theChild(pid), pid);
  });
}

test('a process that is ended while it has nothing to do is told, and replaced', { skip }, async () => {
  lost.length = 0;
  const pid = await theChild();
  process.kill(pid, 'SIGKILL');
  await theChild(pid);
  assert.match(String(lost[0]), /SIGKILL/);
  assert.equal((await analyze()).faces.length, 1);
});

test('a frozen process is ended when the deadline is over, and only its picture is lost', { skip }, async () => {
  await using strict = await open({ deadlineMs: 400 });
  const [pid] = (await children()).slice(-1);
  process.kill(pid!, 'SIGSTOP');
  await assert.rejects(analyze(strict), { refusal: 'decodeFailed', detail: 'the picture took too long' });
  assert.equal((await analyze()).faces.length, 1, 'others go on');
});

test('deadlines that few pictures can keep end processes, and nothing else', { skip }, async () => {
  await using hasty = await open({ workers: 2, deadlineMs: 20 });
  const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => analyze(hasty)));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal(outcome.reason.detail, 'the picture took too long');
  }
  assert.equal((await analyze()).faces.length, 1);
});
